#pragma once
// What the in-process memcached and the real one are asked in the binary protocol.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance_tools.hpp"
#include "frames.hpp"

namespace memring::testing {

// A frame whose header says something else than what follows it.
inline std::string with_sizes(std::string bytes, std::size_t key, std::size_t extras,
                              std::size_t body) {
    bytes.replace(2, 3, big_endian(key, 2) + big_endian(extras, 1));
    bytes.replace(8, 4, big_endian(body, 4));
    return bytes;
}

inline const std::vector<script>& binary_scripts() {
    using enum opcode;
    static const std::string noop_frame = frame(noop, {.opaque = 99});
    static const std::vector<script> scripts{
        {"noop and version", {noop_frame + frame(opcode::version) + noop_frame}},
        {"set and get", {binary_set("a", "x", 5) + binary_get("a") + of_key(get_key, "a")}},
        {"misses",
         {binary_get("a") + of_key(get_key, "a") + of_key(get_quiet, "a") +
          of_key(get_key_quiet, "a")}},
        {"quiet hits",
         {binary_set("a", "x", 0x01020304) + of_key(get_quiet, "a") + of_key(get_key_quiet, "a")}},
        {"an empty value", {binary_set("a", "") + binary_get("a") + of_key(get_key, "a")}},
        {"a key of any bytes",
         {binary_set(std::string("\0 \r\n\xff", 5), "x") +
          of_key(get_key, std::string("\0 \r\n\xff", 5))}},
        {"a binary key without control bytes is seen by text, and the other way round",
         {binary_set("a", "x", 3) + binary_get("a")}},
        {"a large value", {binary_set("a", std::string(600000, 'v')) + binary_get("a")}},
        {"all bits of the flags", {binary_set("a", "x", 0xffffffff) + binary_get("a")}},
        {"the longest key, and one byte more",
         {binary_set(longest_key, "x") + of_key(get_key, longest_key),
          of_key(get_key, longest_key) + of_key(get_key, long_key) + noop_frame}},
        {"a set under a key too long", {binary_set(long_key, "x") + noop_frame}},
        {"a command without its key", {of_key(get, "") + noop_frame}},
        {"a set without its key", {binary_set("", "x") + noop_frame}},
        {"a delete without its key", {of_key(remove, "") + noop_frame}},
        {"arithmetic without its key", {binary_count(increment, "") + noop_frame}},
        {"a touch without its key", {binary_touch(touch, "", 1) + noop_frame}},
        {"an append without its key", {binary_extend(append, "", "x") + noop_frame}},
        {"a get with extras", {frame(get, {.extras = "abcd", .key = "a"}) + noop_frame}},
        {"a get with a value", {frame(get, {.key = "a", .value = "x"}) + noop_frame}},
        {"a set without extras", {frame(set, {.key = "a", .value = "x"}) + noop_frame}},
        {"a set with extras too long",
         {frame(set, {.extras = "123456789", .key = "a", .value = "x"}) + noop_frame}},
        {"an append with extras",
         {frame(append, {.extras = "12345678", .key = "a", .value = "x"}) + noop_frame}},
        {"a delete with extras", {frame(remove, {.extras = "abcd", .key = "a"}) + noop_frame}},
        {"a delete with a value", {frame(remove, {.key = "a", .value = "x"}) + noop_frame}},
        {"arithmetic without extras", {of_key(increment, "a") + noop_frame}},
        {"a touch without extras", {of_key(touch, "a") + noop_frame}},
        {"a get-and-touch without extras", {of_key(get_and_touch, "a") + noop_frame}},
        {"a noop with a key", {of_key(noop, "a") + noop_frame}},
        {"a version with a key", {of_key(opcode::version, "a") + noop_frame}},
        {"a quit with a key", {of_key(quit, "a") + noop_frame}},
        {"a body shorter than the key", {with_sizes(binary_get("abc"), 3, 0, 2) + noop_frame}},
        {"a body shorter than key and extras",
         {with_sizes(binary_set("abc", ""), 3, 8, 10) + noop_frame}},
        {"a wrong first byte of a later frame",
         {noop_frame, std::string(1, '\x81') + noop_frame.substr(1)}},
        {"text behind frames", {noop_frame, "get a\r\nget a\r\nget a\r\nget a\r\n"}},
        {"stores",
         {binary_store(replace, "a", "1") + binary_store(add, "a", "2") +
          binary_store(add, "a", "3") + binary_store(replace, "a", "4") + binary_get("a")}},
        {"quiet stores",
         {binary_store(replace_quiet, "a", "1") + binary_store(add_quiet, "a", "2") +
          binary_store(add_quiet, "a", "3") + binary_store(replace_quiet, "a", "4") +
          binary_store(set_quiet, "b", "5") + binary_get("a") + binary_get("b")}},
        {"append and prepend",
         {binary_extend(append, "a", "1") + binary_extend(prepend, "a", "1") +
          binary_set("a", "m", 9) + binary_extend(append, "a", ">>") +
          binary_extend(prepend, "a", "<") + binary_get("a") + binary_extend(append, "a", "")}},
        {"quiet append and prepend",
         {binary_extend(append_quiet, "a", "1") + binary_extend(prepend_quiet, "a", "1") +
          binary_set("a", "m") + binary_extend(append_quiet, "a", ">") +
          binary_extend(prepend_quiet, "a", "<") + binary_get("a")}},
        {"append under a compare",
         {binary_set("a", "x"), binary_extend(append, "a", "y", last_cas) +
                                    binary_extend(append, "a", "z", 1) +
                                    binary_extend(append, "no", "z", 1) + binary_get("a")}},
        {"compare and swap",
         {binary_set("a", "x"),
          binary_store(set, "a", "y", last_cas) + binary_store(set, "a", "z", 1) +
              binary_store(set, "no", "z", 1) + binary_get("a"),
          binary_store(replace, "a", "r", last_cas) + binary_store(replace, "a", "z", 1) +
              binary_store(replace, "no", "z", 1) + binary_get("a")}},
        {"quiet compare and swap",
         {binary_set("a", "x"), binary_store(set_quiet, "a", "y", last_cas) +
                                    binary_store(set_quiet, "a", "z", 1) +
                                    binary_store(set_quiet, "no", "z", 1) + binary_get("a")}},
        {"an add with a cas is a compare and swap",
         {binary_store(add, "a", "1", 5) + binary_set("a", "x"),
          binary_store(add, "a", "2", last_cas) + binary_store(add, "a", "3", 5) +
              binary_get("a")}},
        {"delete",
         {of_key(remove, "a") + binary_set("a", "x") + of_key(remove, "a") + binary_get("a")}},
        {"quiet delete",
         {of_key(remove_quiet, "a") + binary_set("a", "x") + of_key(remove_quiet, "a") +
          binary_get("a")}},
        {"delete under a compare",
         {binary_set("a", "x"),
          of_key(remove, "a", 1) + of_key(remove_quiet, "a", 1) + of_key(remove, "no", 1) +
              binary_get("a"),
          of_key(remove, "a", last_cas) + binary_get("a")}},
        {"arithmetic",
         {binary_set("n", "10") + binary_count(increment, "n", {.delta = 5}) +
          binary_count(decrement, "n", {.delta = 7}) + binary_count(decrement, "n", {.delta = 99}) +
          binary_get("n")}},
        {"arithmetic wraps at 2^64 and keeps flags",
         {binary_set("n", "1", 7) + binary_count(increment, "n", {.delta = ~0ULL}) +
          binary_count(increment, "n", {.delta = ~0ULL}) + binary_get("n")}},
        {"arithmetic on what is not there",
         {binary_count(increment, "n") + binary_count(decrement, "n") +
          binary_count(increment_quiet, "n") + binary_count(decrement_quiet, "n")}},
        {"arithmetic with a first value",
         {binary_count(increment, "n", {.delta = 3, .initial = 50, .expiry = 0}) +
          binary_count(increment, "n", {.delta = 3, .initial = 50, .expiry = 0}) +
          binary_count(decrement, "m", {.delta = 3, .initial = ~0ULL, .expiry = 100}) +
          binary_get("n") + binary_get("m")}},
        {"quiet arithmetic",
         {binary_count(increment_quiet, "n", {.initial = 50, .expiry = 0}) +
          binary_count(increment_quiet, "n") + binary_count(decrement_quiet, "n") +
          binary_get("n")}},
        {"arithmetic on what is no number",
         {binary_set("t", "abc") + binary_count(increment, "t") + binary_set("t", "") +
          binary_count(increment_quiet, "t") + binary_set("t", "99999999999999999999") +
          binary_count(decrement, "t") + binary_set("t", std::string(600000, '1')) +
          binary_count(increment, "t")}},
        {"arithmetic under a compare",
         {binary_set("n", "5"),
          binary_count(increment, "n", {.cas = 1}) +
              binary_count(increment, "n", {.cas = last_cas}),
          binary_count(decrement, "n", {.cas = last_cas}) +
              binary_count(increment, "no", {.cas = 1}) +
              binary_count(increment, "made", {.initial = 4, .expiry = 0, .cas = 1}) +
              binary_count(increment_quiet, "n", {.cas = 1}) + binary_get("n")}},
        {"touch",
         {binary_touch(touch, "a", 10) + binary_set("a", "x", 5) + binary_touch(touch, "a", 10) +
          binary_get("a")}},
        {"get and touch",
         {binary_touch(get_and_touch, "a", 10) + binary_touch(get_key_and_touch, "a", 10) +
          binary_touch(get_and_touch_quiet, "a", 10) +
          binary_touch(get_key_and_touch_quiet, "a", 10) + binary_set("a", "x", 5) +
          binary_touch(get_and_touch, "a", 10) + binary_touch(get_key_and_touch, "a", 10) +
          binary_touch(get_and_touch_quiet, "a", 10) +
          binary_touch(get_key_and_touch_quiet, "a", 10)}},
        {"times that are over",
         {binary_set("a", "x") + binary_touch(touch, "a", 2592001) + binary_get("a") +
          binary_set("b", "x", 0, 2592001) + binary_get("b")}},
        {"times beyond all years",
         {binary_set("a", "x", 0, 0xffffffff) + binary_get("a") +
          binary_touch(touch, "a", 0x80000000) + binary_get("a") + binary_touch(touch, "a", 1000) +
          binary_get("a")}},
        {"too large a set removes what was there",
         {binary_set("e", "1") + binary_set("e", std::string(2000000, 'x')) + binary_get("e")}},
        {"too large another store leaves what was there",
         {binary_set("e", "1") + binary_store(add, "e", std::string(2000000, 'x')) +
          binary_store(replace, "e", std::string(2000000, 'x')) +
          binary_store(set_quiet, "f", std::string(2000000, 'x')) +
          binary_extend(append, "e", std::string(2000000, 'x')) + binary_get("e")}},
        {"append beyond the limit",
         {binary_set("e", std::string(1048000, 'x')) +
          binary_extend(append, "e", std::string(1000, 'x')) + of_key(remove, "e")}},
        {"the largest item, and one byte more",
         {binary_set("e", std::string(1048516, 'x')) + binary_set("e", std::string(1048517, 'x')) +
          binary_get("e")}},
        {"flush",
         {binary_set("a", "x") + frame(flush) + binary_get("a") + binary_set("a", "y") +
          binary_get("a") + frame(flush_quiet) + binary_get("a")}},
        {"flush with a time",
         {binary_set("a", "x") + frame(flush, {.extras = big_endian(100, 4)}) + binary_get("a") +
          frame(flush_quiet, {.extras = big_endian(0, 4)}) + binary_get("a")}},
        {"a flush with other extras", {frame(flush, {.extras = "ab"}) + noop_frame}},
        {"a flush with a key", {of_key(flush, "a") + noop_frame}},
        {"an unknown command", {frame(static_cast<opcode>(0x60)) + noop_frame}},
        // It swallows its body twice, so here 5 bytes of what follows, of which the first is no
        // frame.
        {"an unknown command with a body",
         {frame(static_cast<opcode>(0x60), {.key = "abcde"}) + "12345" + noop_frame}},
        {"an unknown command with a value",
         {frame(static_cast<opcode>(0x60), {.key = "k", .value = "value"}) + "k" + noop_frame}},
        {"verbosity is unknown",
         {frame(verbosity, {.extras = big_endian(1, 4)}) + "1234" + noop_frame}},
        {"stats of an unknown group", {of_key(stat, "foo") + noop_frame}},
        {"stats reset", {of_key(stat, "reset") + of_key(stat, "resetting")}},
        {"stats sizes", {of_key(stat, "sizes") + noop_frame}},
        {"stats with extras", {frame(stat, {.extras = "abcd"}) + noop_frame}},
        {"quit", {frame(quit, {.opaque = 5}) + noop_frame}},
        {"quiet quit", {frame(quit_quiet) + noop_frame}},
        {"a login where none is wanted",
         {frame(sasl_mechanisms) +
          frame(sasl_auth, {.key = "PLAIN", .value = std::string("\0user\0secret", 12)}) +
          frame(sasl_step, {.key = "PLAIN", .value = std::string("\0user\0secret", 12)}) +
          noop_frame}},
        {"mechanisms with a body", {of_key(sasl_mechanisms, "a") + noop_frame}},
        {"a login without a mechanism", {frame(sasl_auth, {.value = "x"}) + noop_frame}},
        {"a login with extras",
         {frame(sasl_auth, {.extras = "abcd", .key = "PLAIN"}) + noop_frame}},
        {"many commands at once",
         {binary_set("a", "1") + repeated(of_key(get_quiet, "no"), 50) +
          repeated(of_key(get_key_quiet, "a"), 50) + noop_frame}},
    };
    return scripts;
}

inline std::string binary_login(opcode what, std::string_view mechanism, std::string_view data) {
    return frame(what, {.key = std::string(mechanism), .value = std::string(data), .opaque = 41});
}

/// To a server that knows user "alice" with the password "secret", over SASL.
inline const std::vector<script>& sasl_scripts() {
    using namespace std::string_view_literals;
    using enum opcode;
    constexpr auto right = "\0alice\0secret"sv;
    constexpr auto wrong = "\0alice\0wrong"sv;
    static const std::string good = binary_login(sasl_auth, "PLAIN", right);
    static const std::string bad = binary_login(sasl_auth, "PLAIN", wrong);
    static const std::string step = binary_login(sasl_step, "PLAIN", right);
    static const std::string empty = binary_login(sasl_auth, "PLAIN", "");
    static const std::string end = frame(noop);
    static const std::vector<script> scripts{
        {"nothing before the login", {binary_get("a") + end}},
        {"no noop before the login", {end + end}},
        {"mechanisms and version before the login",
         {frame(sasl_mechanisms) + frame(opcode::version) + end}},
        {"a login", {good + binary_set("a", "x") + end}},
        {"a login that fails", {bad + frame(opcode::version) + end}},
        {"a second try", {bad + good + end}},
        {"a login as oneself", {binary_login(sasl_auth, "PLAIN", "alice\0alice\0secret"sv) + end}},
        {"a login as somebody else",
         {binary_login(sasl_auth, "PLAIN", "bob\0alice\0secret"sv) + frame(opcode::version)}},
        {"an unknown user",
         {binary_login(sasl_auth, "PLAIN", "\0bob\0secret"sv) + frame(opcode::version)}},
        {"a mechanism in small letters", {binary_login(sasl_auth, "plain", right) + end}},
        {"unknown mechanisms",
         {binary_login(sasl_auth, "FOO", right) + binary_login(sasl_auth, "CRAM-MD5", "") +
          binary_login(sasl_auth, "PLAINER", right) + binary_login(sasl_auth, "PLAI", right) +
          good + end}},
        {"a mechanism's name too long",
         {binary_login(sasl_auth, std::string(33, 'P'), right) + frame(opcode::version) + good +
          end}},
        {"data that are none",
         {binary_login(sasl_auth, "PLAIN", "alice") +
          binary_login(sasl_auth, "PLAIN", "\0alice"sv) +
          binary_login(sasl_auth, "PLAIN", "\0alice\0secret\0"sv) +
          binary_login(sasl_auth, "PLAIN", "\0alice\0"sv) +
          binary_login(sasl_auth, "PLAIN", "\0\0secret"sv) + good + end}},
        {"data too large",
         {binary_login(sasl_auth, "PLAIN", std::string(600000, 'x')) + frame(opcode::version) +
          good + end}},
        {"a login in two steps", {empty + step + end}},
        {"a login in two steps that fails",
         {empty + binary_login(sasl_step, "PLAIN", wrong) + step + end}},
        {"a step whose mechanism is another",
         {empty + binary_login(sasl_step, "FOO", right) + end}},
        {"a step without its start", {step + frame(opcode::version) + end}},
        {"two starts", {empty + empty + binary_login(sasl_step, "PLAIN", "") + end}},
        {"a step behind a login", {good + step + step + frame(opcode::version) + end}},
        {"a login behind a login", {good + good + good + end}},
        {"a login behind one that failed behind a login", {good + bad + bad + good + end}},
        {"an empty start behind a login", {good + empty + step + good + good + end}},
        {"mechanisms log out", {good + frame(sasl_mechanisms) + end + end}},
        {"a login behind mechanisms behind a login",
         {good + frame(sasl_mechanisms) + good + good + end}},
        {"text is not understood", {"version\r\nversion\r\nversion\r\n"}},
    };
    return scripts;
}

/// To a server that knows the same user, over text.
inline const std::vector<script>& text_login_scripts() {
    static const std::string good = "set auth 0 0 12\r\nalice secret\r\n";
    static const std::vector<script> scripts{
        {"nothing is answered before the login", {"version\r\n"}},
        {"several commands before the login", {"version\r\nmn\r\nget a\r\nquit\r\nfoo\r\n\r\n"}},
        {"a login", {good + "version\r\nset a 0 0 1\r\nx\r\nmg a v\r\n"}},
        {"a login under any key, with any numbers",
         {"set x zz -5 12 noreply what\r\nalice secret\r\nversion\r\n"}},
        {"a login with more words", {"set x 0 0 16\r\nalice secret 123\r\nversion\r\n"}},
        {"a login with blanks", {"set x 0 0 16\r\n  alice   secret\r\nversion\r\n"}},
        {"a wrong password", {"set x 0 0 11\r\nalice wrong\r\nversion\r\n"}},
        {"a password with an end too much", {"set x 0 0 13\r\nalice secrets\r\nversion\r\n"}},
        {"an unknown user", {"set x 0 0 10\r\nbob secret\r\nversion\r\n"}},
        {"a second try", {"set x 0 0 11\r\nalice wrong\r\n" + good + "version\r\n"}},
        {"no password", {"set x 0 0 5\r\nalice\r\nset x 0 0 0\r\n\r\nversion\r\n"}},
        {"too few words", {"set x 0 0\r\nset\r\nadd x 0 0 1\r\nx\r\n"}},
        {"no size", {"set x 0 0 zz\r\nset x 0 0 -1\r\n"}},
        {"a size too small", {"set x 0 0 5\r\nalice secret\r\nversion\r\n"}},
        {"a second login is a set", {good + good + "get auth\r\n"}},
        {"a long line without end", {std::string(2100, 'x')}},
        {"a multiget without end", {"get " + repeated("a ", 1100)}},
        {"frames are lines", {frame(opcode::noop) + "\r\nversion\r\n"}},
    };
    return scripts;
}

}  // namespace memring::testing
