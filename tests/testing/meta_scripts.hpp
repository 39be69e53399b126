#pragma once
// What they are asked in the meta protocol, and about the keys that a server has.

#include <string>
#include <vector>

#include "conformance_tools.hpp"

namespace memring::testing {

inline const std::vector<script>& meta_scripts() {
    static const std::vector<script> scripts{
        {"mn", {"mn\r\nmn x\r\n"}},
        {"commands without a key", {"mg\r\nmd\r\nma\r\nms\r\nm\r\nmx a\r\n"}},
        {"a miss", {"mg a\r\nmg a v\r\nmg a k O7 v\r\nmg a q\r\nmg a q k v\r\nmn\r\n"}},
        {"a bare hit", {"set a 5 0 1\r\nx\r\nmg a\r\nmg a v\r\nmg a q\r\nmn\r\n"}},
        {"flags come back in the order asked",
         {"set a 5 0 1\r\nx\r\nmg a v f c t k s O123 q\r\nmg a O9 s k t c f v\r\nmg a k\r\nmg a "
          "s\r\n"}},
        {"fetched and last access", {"set a 0 0 1\r\nx\r\nmg a h l t\r\nmg a h l t\r\nmg a h\r\n"}},
        {"u leaves the fetched mark",
         {"set a 0 0 1\r\nx\r\nmg a u v h\r\nmg a u h\r\nmg a h\r\nmg a u h\r\n"}},
        {"unknown and repeated flags",
         {"mg a zz\r\nmg a v v\r\nmg a O1 O2\r\nmd a zz\r\nmd a q q\r\nma a zz\r\n"}},
        {"opaque tokens",
         {"set a 0 0 1\r\nx\r\nmg a O\r\nmg a O" + std::string(31, '1') + "\r\nmg a O" +
          std::string(32, '1') + "\r\nmd a O" + std::string(32, '1') + "\r\n"}},
        {"too many flags", {"mg a" + repeated(" v", 31) + "\r\n"}},
        {"keys too long",
         {"mg " + long_key + " v\r\nmd " + long_key + "\r\nma " + long_key + "\r\n"}},
        {"the value behind an ms with a key too long is run",
         {"ms " + long_key + " 7\r\nversion\r\n"}},
        {"T on mg",
         {"set a 0 0 1\r\nx\r\nmg a T30 t v\r\nmg a t T60\r\nmg a t\r\nmg a T0 t\r\nmg a T\r\nmg a "
          "Tzz\r\n"}},
        {"vivify",
         {"mg viv N30 v c t\r\nmg viv N30 v c t\r\nmg viv v\r\nmg viv s f q\r\nmg viv t\r\nmg viv "
          "N\r\n"}},
        {"vivify with flags in another order",
         {"mg viv t N30 k O1\r\nmg viv t\r\nmg viv2 N0 t\r\nmg viv3 q N30\r\nmg viv3 q N30 v\r\n"}},
        {"a placeholder is an item for classic commands",
         {"mg viv N30\r\nget viv\r\nadd viv 0 0 1\r\nx\r\nreplace viv 0 0 1\r\ny\r\nmg viv v "
          "t\r\n"}},
        {"a placeholder is an item for ms",
         {"mg viv N30\r\nms viv 1 ME\r\nx\r\nms viv 1 MA\r\nz\r\nmg viv v\r\nincr viv 1\r\n"}},
        {"the lease is filled with compare",
         {"mg viv N30 c v\r\n", "ms viv 3 C$CAS F7 T100\r\nabc\r\nmg viv v f t\r\n"}},
        {"the lease was lost to a set",
         {"mg viv N30 c v\r\n", "ms viv 1\r\nx\r\nms viv 3 C1\r\nabc\r\nmg viv v\r\n"}},
        {"the lease is given back", {"mg viv N30 c v\r\n", "md viv C$CAS\r\nmg viv v\r\n"}},
        {"the lease is lost to a delete",
         {"mg viv N30 c v\r\n", "delete viv\r\nms viv 1 C$CAS\r\nx\r\nmg viv v\r\n"}},
        {"recache",
         {"ms a 1 T50\r\nx\r\nmg a R20 t\r\nmg a R60 t\r\nmg a R60 t\r\nmg a v\r\nmg a R\r\n"}},
        {"recache of an item without end", {"ms a 1\r\nx\r\nmg a R60 t\r\n"}},
        {"base64 keys",
         {"mg YWJj b v k\r\nms YWJj 1 b\r\nx\r\nmg abc v k\r\nmg YWJj b v k O1\r\nmg YWJj k b O1 "
          "v\r\nmg YWJj O1 b\r\nmd YWJj b k O1\r\nmd YWJj b k O1\r\nma YWJj b N0 k v\r\nget "
          "abc\r\n"}},
        {"base64 keys of every length",
         {"ms YQ== 1 b k\r\nx\r\nms YWI= 1 b k\r\nx\r\nmg a v\r\nmg ab v\r\n"}},
        {"arithmetic keeps the form of the key",
         {"ms YWJj 1 b\r\n8\r\nma YWJj b v k\r\nmg abc k\r\nma abc v k\r\nmg abc k\r\nms abc 1 "
          "MA\r\nx\r\nmg abc k\r\n"}},
        {"illegal base64", {"mg !!! b v\r\nms a 1 b\r\nx\r\nmg YWJ b\r\nmn\r\n"}},
        {"ms",
         {"ms a 1\r\nx\r\nms a 1 c k O9 F7 T60\r\ny\r\nmg a v f t c\r\nms a 1 q\r\nz\r\nmn\r\n"}},
        {"ms sizes",
         {"ms a\r\nms a S1\r\nms a -1\r\nms a 1x T0\r\nms a zz\r\nms a 01 T0\r\nx\r\nms a "
          "2147483647 T0\r\n"}},
        {"ms swallows the value of what it refuses",
         {"ms a 7 zz\r\nversion\r\nms a 7 Czz\r\nversion\r\nms a 7 Fzz\r\nversion\r\nms a 7 "
          "Tzz\r\nversion\r\nms a 7 Mz\r\nversion\r\nms a 7 Madd\r\nversion\r\nms a 7 "
          "M\r\nversion\r\nms a 7 E1\r\nversion\r\nmn\r\n"}},
        {"a wrong size in ms", {"ms a 2\r\nxyz\r\nmn\r\nms a 1\r\nxyz\r\nmn\r\n"}},
        {"a wrong size in quiet ms", {"ms a 1 q\r\nxyz\r\nmn\r\n"}},
        {"ms modes",
         {"ms a 1 MR\r\nx\r\nms a 1 MA\r\nx\r\nms a 1 MP q\r\nx\r\nms a 1 ME\r\nx\r\nms a 1 ME "
          "q\r\nx\r\nms a 1 MR\r\ny\r\nms a 1 MA\r\nz\r\nms a 1 MP\r\nw\r\nmg a v f\r\nms a 1 "
          "MS\r\nq\r\nmg a v\r\n"}},
        {"ms modes in lower case",
         {"ms a 1 me\r\nms a 1 Me\r\nx\r\nms a 1 Ma\r\ny\r\nms a 1 Mp\r\nz\r\nms a 1 Mr\r\nw\r\nms "
          "a 1 Ms\r\nw\r\nmn\r\n"}},
        {"what ms repeats when it does not store",
         {"ms a 1\r\nx\r\nms a 1 ME k O1 c\r\nx\r\nms no 1 MR k O2 c F1\r\nx\r\nms no 1 C1 O4 "
          "k\r\nx\r\nms a 1 C999999999 O5 k\r\nx\r\n"}},
        {"compare in ms",
         {"ms a 1 c\r\nx\r\n", "ms a 1 C$CAS c\r\ny\r\n", "ms a 1 MR C$CAS\r\nz\r\nmg a v\r\n",
          "ms a 1 MA C1\r\nz\r\nms a 1 C0\r\nx\r\nmg a v\r\n"}},
        {"compare with append",
         {"ms a 1 c\r\nx\r\n",
          "ms a 1 MA C$CAS\r\ny\r\nmg a v\r\nms a 1 MA C0\r\nz\r\nmg a v\r\n"}},
        {"compare with add", {"ms a 1 ME C1\r\nx\r\nms a 1 ME C1\r\nx\r\nmg a v\r\n"}},
        {"a lower compare stores as stale",
         {"ms a 1 T99\r\nx\r\nms a 1 C1 I\r\ny\r\nmg a v t\r\nmg a v\r\nms a 1 C999999999 "
          "I\r\nz\r\nmg a v\r\nms a 1 I\r\nw\r\nmg a v\r\n"}},
        {"ms expiry",
         {"ms a 1 T-1\r\nx\r\nmg a v\r\nms a 1 T2592000\r\nx\r\nmg a t\r\nms a 1 "
          "T2592001\r\nx\r\nmg a\r\nms a 1 T9999999999\r\nx\r\nmg a\r\nms a 1 "
          "T4294967295\r\nx\r\nmg a\r\n"}},
        {"flags of ms have 32 bits",
         {"ms a 1 F4294967295\r\nx\r\nmg a f\r\nms a 1 F4294967296\r\nx\r\nmg a f\r\n"}},
        {"ms takes flags it has no use for", {"ms a 1 v t s\r\nx\r\nmd a v s\r\n"}},
        {"too large an ms",
         {"ms a 1048577 T0\r\n" + block(1048577) + "mn\r\nms a 2000000 q\r\n" + block(2000000) +
          "mn\r\n"}},
        {"md",
         {"ms a 1\r\nx\r\nmd a\r\nmd a\r\nmd a q\r\nmn\r\nms a 1\r\nx\r\nmd a q k O1\r\nmn\r\n"}},
        {"compare in md",
         {"ms a 1 c\r\nx\r\n",
          "md a C1 O1 k q\r\nmd no C1 O2 k q\r\nmd a Czz\r\nmd a C$CAS O3 k\r\n"}},
        {"invalidate",
         {"ms a 1 T99\r\nx\r\nmd a I T30\r\nmg a v c t\r\nmg a v c t\r\ngets a\r\nmg a v h\r\nms a "
          "1\r\ny\r\nmg a v\r\n"}},
        {"invalidate without time",
         {"ms a 1 T99\r\nx\r\nmd a I\r\nmg a t\r\nmd a I q\r\nmg a t\r\nmd no I\r\n"}},
        {"invalidate at once", {"ms a 1\r\nx\r\nmd a I T-1\r\nmg a v\r\n"}},
        {"T without I removes", {"ms a 1\r\nx\r\nmd a T30\r\nmg a v\r\nmd a Tzz\r\n"}},
        {"append and touch on a stale item",
         {"ms a 1\r\nx\r\nmd a I\r\ntouch a 10\r\nmg a t\r\nmd a I\r\nms a 1 MA\r\ny\r\nmg a "
          "v\r\n"}},
        {"arithmetic on a stale item",
         {"ms a 1\r\n5\r\nmd a I\r\nma a v\r\nmg a v c\r\nmg a\r\nmd a I\r\nma a D5 v\r\nmg a "
          "v\r\n"}},
        {"ma",
         {"ma n\r\nms n 2\r\n10\r\nma n\r\nma n v\r\nma n D5 t v c\r\nma n MD D100 v\r\nmg n v "
          "s\r\nma n q\r\nma n q v\r\nmn\r\nma n v\r\nma no q\r\nmn\r\n"}},
        {"ma modes",
         {"ms n 1\r\n5\r\nma n MI v\r\nma n Mi v\r\nma n M+ v\r\nma n MD v\r\nma n Md v\r\nma n M- "
          "v\r\nma n Mz v\r\nma n M v\r\n"}},
        {"illegal ma",
         {"ms n 1\r\n5\r\nma n Dzz\r\nma n D-1\r\nma n Nzz\r\nma n Jzz\r\nms t 3\r\nabc\r\nma "
          "t\r\nma t q\r\nmn\r\n"}},
        {"ma with a first value",
         {"ma n N30 J13 v t\r\nma n N30 J13 v t\r\nma m N0 v\r\nma m N0 D5 v\r\nma m2 q N0\r\nma "
          "m2 v\r\nma m3 J7 N0 c t k O1 v\r\n"}},
        {"compare in ma",
         {"ms n 1 c\r\n5\r\n", "ma n C1 k O1\r\nma n C$CAS v c\r\n",
          "ma n C$CAS v\r\nma n C1 q\r\nma no C1 k O2 q\r\nmn\r\n"}},
        {"T on ma", {"ms n 1 T99\r\n5\r\nma n t v\r\nma n T60 t v\r\nmg n t\r\n"}},
        {"ma pads what gets shorter",
         {"ms n 3\r\n100\r\nma n MD D95 v\r\nget n\r\nmg n s v\r\nma n D95 v\r\nmg n v\r\n"}},
        {"ma grows and keeps flags and time",
         {"ms n 1 F3 T99\r\n9\r\nma n v t c\r\nmg n v f t c\r\n"}},
        {"metadump of what was stored",
         {"set a 0 0 1\r\nx\r\nset a%:/\xc3\xa9~ 7 0 1\r\nx\r\nms AAEC 1 b\r\nx\r\nset big 0 0 "
          "5000\r\n" +
              block(5000) + "set big2 1 0 20000\r\n" + block(20000) +
              "get big\r\nset gone 0 -1 1\r\nx\r\n",
          "lru_crawler metadump hash\r\n"}},
        // Not "mn" first: its answer would end the step before the one that marks its end.
        {"metadump of nothing", {"mg absent v\r\n", "lru_crawler metadump hash\r\n"}},
        {"metadump of classes",
         {"set a 0 0 1\r\nx\r\nset b 0 0 500\r\n" + block(500), "lru_crawler metadump 1,3\r\n"}},
        {"metadump of an illegal class", {"mn\r\nlru_crawler metadump zz\r\n"}},
        {"metadump of a class too high", {"mn\r\nlru_crawler metadump 99\r\n"}},
        {"metadump behind another command",
         {"version\r\nlru_crawler metadump hash\r\nversion\r\n"}},
        {"illegal crawler commands",
         {"lru_crawler\r\nlru_crawler metadump\r\nlru_crawler metadump all x\r\nlru_crawler "
          "foo\r\nlru_crawler enable x\r\nlru_crawler mgdump hash\r\n"}},
        {"inspection",
         {"me a\r\nset a 0 0 1\r\nx\r\nme a\r\nmg a v\r\nme a\r\nset big 7 100 5000\r\n" +
          block(5000) + "me big\r\nms c 1 T-1\r\nx\r\nme c\r\n"}},
        {"inspection leaves the item as it is", {"set a 0 0 1\r\nx\r\nme a\r\nme a\r\nmg a h\r\n"}},
        {"inspection under base64 keys",
         {"ms YWJj 1 b\r\nx\r\nme YWJj b\r\nme abc\r\nme abc b\r\nme !!! b\r\nme YWJj\r\nme YWJj "
          "b k\r\nme YWJj k b\r\n"}},
        {"inspection knows no other flags",
         {"set a 0 0 1\r\nx\r\nme a q\r\nme a k O1\r\nme\r\nme " + long_key + "\r\n"}},
        {"inspection of stale and won items",
         {"ms a 1 T100\r\nx\r\nmd a I T30\r\nme a\r\nmg a v\r\nme a\r\nmg l N30\r\nme l\r\n"}},
        {"the win of a stale item goes to one",
         {"ms a 1 T100\r\nx\r\nmd a I\r\nmg a v c\r\nmg a v c\r\nmg a v c\r\nget a\r\n"}},
        {"a stale item is renewed by its cas",
         {"ms a 1 T100\r\nx\r\nmd a I\r\nmg a v c\r\n", "ms a 1 C$CAS T50\r\ny\r\nmg a v t\r\n"}},
        {"a stale item with a win is made stale again",
         {"ms a 1 T100\r\nx\r\nmd a I\r\nmg a\r\nmd a I T40\r\nmg a t\r\nmg a t\r\n"}},
        {"an outdated winner stores as stale",
         {"ms a 1 T100\r\nx\r\nmd a I\r\nmg a v c\r\n",
          "md a I\r\nms a 1 C$CAS I\r\ny\r\nmg a v\r\nmg a v\r\n"}},
        {"invalidate under a compare",
         {"ms a 1 c\r\nx\r\n", "md a I C1 O1 k\r\nmg a v\r\nmd a I C$CAS q k O2\r\nmg a v c\r\n"}},
        {"replace, add and set end what is stale",
         {"ms a 1\r\nx\r\nmd a I\r\nms a 1 MR\r\ny\r\nmg a v\r\nmd a I\r\nms a 1 "
          "ME\r\nz\r\nmg a v\r\nms a 1\r\nw\r\nmg a v\r\n"}},
        {"recache of a stale item, and of one with a win",
         {"ms a 1 T50\r\nx\r\nmg a R60\r\nmd a I\r\nmg a R60 t\r\nmg a R60 t\r\nmg a R10\r\n"}},
        {"recache times of zero, below and beyond thirty days",
         {"ms a 1 T50\r\nx\r\nmg a R0\r\nmg a R-1\r\nmg a R2592001\r\nmg a R2592000\r\nmg a\r\n"}},
        {"vivify and recache together",
         {"mg a N30 R20 v t\r\nmg a N30 R60 v t\r\nms b 1 T50\r\nx\r\nmg b N30 R60 v t\r\nmg b N30 "
          "R60 v t\r\n"}},
        {"vivify under a base64 key",
         {"mg YWJj b N30 k v\r\nmg abc k v\r\nmg YWJj b N30 k v O5\r\n"}},
        {"vivify with a new time", {"mg a N30 T60 t\r\nmg a t\r\nmg b T60 N30 t\r\nmg b t\r\n"}},
        {"base64 keys in every command",
         {"ms AAEC 2 b k c\r\n10\r\nma AAEC b k v D5\r\nmg AAEC b k v\r\nmd AAEC b k I\r\nmg AAEC "
          "b "
          "k v\r\nms AAEC 1 b MA k O1\r\n0\r\nmg AAEC b k v\r\nmd AAEC b q\r\nmg AAEC b k v\r\nma "
          "AAEC b k N0 J7 v\r\nmg AAEC b k v\r\nms AAEC 1 b C1 k\r\nx\r\n"}},
        {"base64 of bytes that text cannot have",
         {"ms " + std::string("gP8NCiA=") + " 1 b\r\nx\r\nmg gP8NCiA= b k v\r\nme gP8NCiA= b\r\n"}},
        {"ma with everything",
         {"ma n N30 J10 D3 v t c k O1\r\nma n N30 J10 D3 v t c k O1\r\nma n MD D1 T60 t v\r\nmg n "
          "t "
          "v\r\n",
          // A step of its own: a value whose reply is still to be sent is replaced, not padded.
          "ma n M- D100 v\r\nma n q D1\r\nmg n v\r\nma m N0 J18446744073709551615 v\r\nma m "
          "v\r\n"}},
        {"ma tells less of an item than mg", {"ms n 1 F7\r\n5\r\nma n f h l s u v t c k\r\n"}},
        {"ma of an empty value under a compare", {"ms n 0\r\n\r\nma n C1\r\nma n C999999\r\n"}},
        {"quiet commands tell what is no success",
         {"mg a q k\r\nmd a q O1\r\nma a q O2\r\nms a 1 MR q O3\r\nx\r\nms a 1 q O4\r\nx\r\nmg a q "
          "v "
          "O5\r\nma a q\r\nmd a q O6\r\nmn\r\n"}},
        {"opaques of every length and kind",
         {"mg a Oabc\r\nmg a O\r\nmg a O0 k\r\nms a 1 Oxyz!\r\nx\r\nmg a v O00017\r\nma a "
          "Ozz\r\n"}},
        {"as many flags as there may be, and one more",
         {"ms a 1\r\nx\r\nmg a v f c t k s h l u q b O1 N1 T1 R1 F1 C1\r\nmg a v f c t k s h l u q "
          "O1 N1 "
          "T1 R1 F1 C1 M1 J1\r\nmd a v f c t k s h l u q O1 N1 T1 R1 F1 C1 M1 J1\r\nma a v f c t k "
          "s h "
          "l u q O1 N1 T1 R1 F1 C1 M1 J1\r\nms a 1 v f c t k s h l u q O1 N1 T1 R1 F1 C1 MS "
          "J1\r\nversion\r\n"}},
        {"flags for proxies are passed over",
         {"mg a L P\r\nms a 1 Lx Py\r\nx\r\nmg a v L1 P2\r\n"}},
        {"of several errors one is told",
         {"mg a Tzz Dzz\r\nmg a Dzz Tzz\r\nmg a Jzz\r\nmg a Fzz Tzz\r\nmg a Tzz Fzz\r\nmg a zz v "
          "v\r\nmg a v v zz\r\nmg !!! Tzz b\r\nmg !!! b Tzz\r\nmg a \xff\r\n"}},
        {"ms with a key and no size, or too many words",
         {"ms a\r\nms a b\r\nms a 1 T0 T0\r\nx\r\nms a 1 Dzz\r\nx\r\nms a 1 Jzz\r\nx\r\n"}},
    };
    return scripts;
}

}  // namespace memring::testing
