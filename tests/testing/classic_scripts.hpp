#pragma once
// What the in-process memcached and the real one are asked in the classic protocol.

#include <string>
#include <vector>

#include "conformance_tools.hpp"

namespace memring::testing {

inline const std::vector<script>& classic_scripts() {
    static const std::vector<script> scripts{
        {"an empty line", {"\r\n"}},
        {"an unknown command", {"foo\r\n"}},
        {"commands are lower case", {"GET a\r\n"}},
        {"get without a key", {"get\r\nget  \r\ngets\r\n"}},
        {"a bare line feed ends a line", {"get a b\n"}},
        {"blanks before and between words", {" get   a \r\nset  a 0  0 1\r\nx\r\nget a\r\n"}},
        {"a tab is part of the key", {"set a\tb 0 0 1\r\nx\r\nget a\tb\r\n"}},
        {"set and get", {"set a 0 0 1\r\nx\r\nget a\r\ngets a\r\n"}},
        {"get of many keys with misses",
         {"set a 1 0 1\r\nx\r\nset b 2 0 2\r\nyy\r\nget a zz b a\r\n"}},
        {"the longest key", {"set " + longest_key + " 0 0 1\r\nx\r\nget " + longest_key + "\r\n"}},
        {"get of a key that is too long", {"get " + long_key + "\r\n"}},
        // A get with such a key makes 1.6.18 drop the replies that it has not sent yet, also those
        // of other commands. That is not imitated: the reply before is awaited here.
        {"a key too long among others",
         {"set a 0 0 1\r\nx\r\n", "get a " + long_key + "\r\nget a\r\n"}},
        {"gat of a key that is too long", {"gat 1 " + long_key + "\r\nget a\r\n"}},
        {"the value behind a set with a key too long is run",
         {"set " + long_key + " 0 0 7\r\nversion\r\nget a\r\n"}},
        {"other commands with a key too long",
         {"touch " + long_key + " 1\r\ndelete " + long_key + "\r\nincr " + long_key + " 1\r\n"}},
        {"control bytes are legal in the classic protocol",
         {"set \x01\x7f 0 0 1\r\nx\r\nget \x01\x7f\r\n"}},
        {"a value longer than announced", {"set a 0 0 1\r\nxx\r\nget a\r\n"}},
        {"a value with line ends", {"set a 0 0 6\r\nx\r\ny\r\n\r\nget a\r\n"}},
        {"an empty value", {"set a 0 0 0\r\n\r\nget a\r\n"}},
        {"illegal sizes",
         {"set a 0 0 -1\r\nset a 0 0 zz\r\nset a 0 0\r\nset a 0 0 2147483647\r\n"}},
        {"illegal flags", {"set a zz 0 1\r\nset a -1 0 1\r\n"}},
        {"illegal expiry", {"set a 0 zz 1\r\nx\r\n"}},
        {"flags have 32 bits",
         {"set a 4294967295 0 1\r\nx\r\nget a\r\nset a 4294967296 0 1\r\nx\r\nget a\r\n"}},
        {"a negative expiry is at once", {"set a 0 0 1\r\nx\r\nset a 0 -1 1\r\nx\r\nget a\r\n"}},
        {"noreply of stores",
         {"set a 0 0 1 noreply\r\nx\r\nadd a 0 0 1 noreply\r\ny\r\ncas a 0 0 1 1 "
          "noreply\r\nz\r\nget a\r\n"}},
        {"noreply keeps errors back, too",
         {"set a zz 0 1 noreply\r\nset a 0 0 1 noreply\r\nxx\r\nincr a 1 noreply\r\ntouch a zz "
          "noreply\r\n"}},
        {"one word too many",
         {"set a 0 0 1 noreply x\r\nset a 0 0 1 blah\r\n1\r\nincr a 1 blah\r\nincr a 1 2 3\r\n"}},
        {"add, replace",
         {"replace a 0 0 1\r\nx\r\nadd a 0 0 1\r\ny\r\nadd a 0 0 1\r\nz\r\nreplace a 3 0 "
          "1\r\nw\r\nget a\r\n"}},
        {"append, prepend keep the flags",
         {"append a 0 0 1\r\nx\r\nprepend a 0 0 1\r\nx\r\nset a 7 0 1\r\nm\r\nappend a 9 0 "
          "2\r\n>>\r\nprepend a 8 0 1\r\n<\r\nget a\r\n"}},
        {"append beyond the limit",
         {"set a 0 0 1\r\n1\r\nappend a 0 0 1048500\r\n" + block(1048500) +
          "mg a s\r\nappend a 0 0 100\r\n" + block(100) + "mg a s\r\n"}},
        {"cas",
         {"set a 0 0 1\r\nx\r\ngets a\r\n", "cas a 0 0 1 $CAS\r\ny\r\ngets a\r\n",
          "cas a 0 0 1 999999999\r\nz\r\ncas no 0 0 1 1\r\nz\r\nget a\r\n"}},
        {"illegal cas", {"cas a 0 0 1\r\ncas a 0 0 1 zz\r\n"}},
        {"delete",
         {"set a 0 0 1\r\nx\r\ndelete a\r\ndelete a\r\ndelete a 0\r\ndelete a 1\r\ndelete a "
          "noreply\r\ndelete a 0 noreply\r\ndelete\r\n"}},
        {"incr and decr",
         {"set n 0 0 2\r\n10\r\ndecr n 1\r\nget n\r\nincr n 5\r\nget n\r\ndecr n 100\r\nget "
          "n\r\n"}},
        {"incr wraps at 2^64",
         {"set n 0 0 1\r\n0\r\nincr n 18446744073709551615\r\nincr n 1\r\nget n\r\n"}},
        {"incr keeps flags and gives a new cas",
         {"set n 5 0 1\r\n9\r\ngets n\r\nincr n 1\r\ngets n\r\nincr n 1\r\ngets n\r\n"}},
        {"illegal deltas",
         {"set n 0 0 1\r\n1\r\nincr n zz\r\nincr n -1\r\nincr n\r\nincr no 1\r\nincr n "
          "18446744073709551616\r\n"}},
        {"incr of what is no number",
         {"set t 0 0 3\r\nabc\r\nincr t 1\r\nset t 0 0 0\r\n\r\nincr t 1\r\nset t 0 0 "
          "21\r\n184467440737095516160\r\nincr t 1\r\nset t 0 0 20\r\n99999999999999999999\r\nincr "
          "t 1\r\n"}},
        {"incr of numbers with blanks",
         {"set t 0 0 2\r\n5 \r\nincr t 1\r\nget t\r\nset t 0 0 3\r\n5 x\r\nincr t 1\r\nset t 0 0 "
          "2\r\n 7\r\nincr t 1\r\nset t 0 0 2\r\n-7\r\nincr t 1\r\n"}},
        {"touch",
         {"set a 0 0 1\r\nx\r\ntouch a 100\r\nmg a t\r\ntouch no 10\r\ntouch a\r\ntouch a "
          "zz\r\ntouch a 0 noreply\r\nmg a t\r\n"}},
        {"gat and gats",
         {"set a 0 0 1\r\nx\r\ngat 100 a no\r\nmg a t\r\ngats 0 a\r\nmg a t\r\ngat zz "
          "a\r\ngat\r\ngat 10\r\n"}},
        {"expiry of 30 days is relative, a second more is a date",
         {"set a 0 2592000 1\r\nx\r\nmg a t\r\nset a 0 2592001 1\r\nx\r\nget a\r\n"}},
        {"version, verbosity",
         {"version\r\nversion x\r\nverbosity 1\r\nverbosity\r\nverbosity x\r\nverbosity 0 "
          "noreply\r\n"}},
        {"flush_all",
         {"set a 0 0 1\r\nx\r\nflush_all\r\nget a\r\nset a 0 0 1\r\nx\r\nget a\r\nflush_all "
          "noreply\r\nget a\r\nflush_all -1\r\nflush_all zz\r\nflush_all 1 2 3\r\n"}},
        {"flush_all later",
         {"set a 0 0 1\r\nx\r\nflush_all 100\r\nget a\r\nflush_all 0\r\nget a\r\n"}},
        {"quit", {"quit\r\nversion\r\n"}},
        {"quit with a word", {"mn\r\nquit x\r\nversion\r\n"}},
        {"config is unknown",
         {"config get cluster\r\nconfig set cluster 0 2\r\nxx\r\nget "
          "AmazonElastiCache:cluster\r\n"}},
        {"stats of an unknown topic, reset", {"stats foo\r\nstats reset\r\n"}},
        {"a line without end is cut", {std::string(2100, 'x')}},
        {"a long line is no harm", {std::string(1500, 'x') + "\r\n"}},
        {"a multiget may be long", {"set a 0 0 1\r\nx\r\nget " + repeated("a ", 1500) + "\r\n"}},
        {"the largest item, and one byte more",
         {"set e 0 0 1048516\r\n" + block(1048516) + "mg e s\r\nset e 0 0 1048517\r\n" +
          block(1048517) + "mg e s\r\n"}},
        {"too large a value removes what was there",
         {"set e 0 0 1\r\n1\r\nset e 0 0 2000000\r\n" + block(2000000) + "get e\r\n"}},
        {"too large an add leaves what was there",
         {"set e 0 0 1\r\n1\r\nadd e 0 0 2000000\r\n" + block(2000000) + "get e\r\n"}},
        {"bget is get", {"set a 0 0 1\r\nx\r\nbget a no\r\nbget\r\n"}},
        {"a get of a hundred keys",
         {"set a 7 0 1\r\nx\r\nget " + repeated("no ", 60) + repeated("a ", 40) + "\r\n"}},
        {"gets and gats of many keys",
         {"set a 1 0 1\r\nx\r\nset b 2 0 2\r\nyy\r\ngets a no b a\r\ngats 100 b no a " +
          repeated("b ", 40) + "\r\nmg a t\r\nmg b t\r\n"}},
        {"gat with a time in the past", {"set a 0 0 1\r\nx\r\ngat -1 a\r\nget a\r\n"}},
        {"add, replace, append, prepend, cas with noreply",
         {"replace a 0 0 1 noreply\r\nx\r\nappend a 0 0 1 noreply\r\nx\r\nadd a 0 0 1 "
          "noreply\r\n1\r\nreplace a 3 0 1 noreply\r\n2\r\nappend a 9 0 1 noreply\r\n3\r\n"
          "prepend a 9 0 1 noreply\r\n1\r\ngets a\r\n",
          "cas a 0 0 1 $CAS noreply\r\n4\r\nget a\r\ncas a 0 0 1 1 noreply\r\n5\r\ncas no 0 0 1 1 "
          "noreply\r\n5\r\nget a no\r\n"}},
        {"incr, decr, touch, delete with noreply",
         {"set n 0 0 1\r\n5\r\nincr n 4 noreply\r\ndecr n 2 noreply\r\ntouch n 50 noreply\r\n"
          "mg n v t\r\ndelete n noreply\r\nget n\r\nincr n 1 noreply\r\ntouch n 1 noreply\r\n"}},
        {"noreply of what is too large",
         {"set a 0 0 2000000 noreply\r\n" + block(2000000) + "get a\r\n"}},
        {"noreply where none is taken", {"get noreply\r\nversion noreply\r\nstats noreply\r\n"}},
        {"a number padded beyond twenty digits",
         {"set t 0 0 30\r\n5" + std::string(29, ' ') + "\r\nincr t 1\r\nget t\r\n"}},
        {"incr of a large value",
         {"set t 0 0 600000\r\n5" + std::string(599999, ' ') + "\r\nincr t 1\r\n"}},
        {"too many words for verbosity", {"verbosity 1 2\r\nverbosity 1 2 3\r\n"}},
        {"shutdown is not enabled", {"shutdown\r\nshutdown graceful\r\n"}},
        {"stats that anybody may ask for", {"stats sizes\r\n"}},
    };
    return scripts;
}

}  // namespace memring::testing
