#pragma once
// What `stats` tells, of the in-process memcached and of the real one, without what depends on the
// process, on time, or on where the real one's LRU threads have got to.

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "conformance_tools.hpp"
#include "frames.hpp"

namespace memring::testing {

inline bool depends_on_the_moment(std::string_view name) {
    for (const std::string_view part : {"pid",
                                        "uptime",
                                        "time",
                                        "libevent",
                                        "rusage_user",
                                        "rusage_system",
                                        "curr_connections",
                                        "total_connections",
                                        "connection_structures",
                                        "response_obj_count",
                                        "response_obj_bytes",
                                        "read_buf_count",
                                        "read_buf_bytes",
                                        "read_buf_bytes_free",
                                        "reserved_fds",
                                        "bytes_read",
                                        "bytes_written",
                                        "hash_bytes",
                                        "conn_yields",
                                        "lru_crawler_running",
                                        "lru_crawler_starts",
                                        "lru_maintainer_juggles",
                                        "tcpport",
                                        "inter",
                                        "oldest",
                                        "crawler_items_checked"}) {
        if (name == part) return true;
    }
    for (const std::string_view part : {"moves_", "lrutail_reflocked", "number_hot", "number_warm",
                                        "number_cold", ":age", "hits_to_", ":crawler_"}) {
        if (name.find(part) != std::string_view::npos) return true;
    }
    return false;
}

inline std::string stat_line(std::string_view name, std::string_view value) {
    return std::string(name) + " " + (depends_on_the_moment(name) ? "#" : std::string(value)) +
           "\n";
}

/// The lines of the answer to `stats`, a name and a value each.
inline std::string text_stats(std::string_view reply) {
    std::string result;
    while (reply.starts_with("STAT ")) {
        reply.remove_prefix(5);
        const auto line = reply.substr(0, reply.find("\r\n"));
        const auto blank = line.find(' ');
        result += stat_line(line.substr(0, blank), line.substr(blank + 1));
        reply.remove_prefix(line.size() + 2);
    }
    return result + "and " + std::string(reply);
}

/// The same of the answer in frames.
inline std::string binary_stats(std::string_view reply) {
    std::string result;
    while (reply.size() > frame_header_size) {
        const auto key_size = read_big_endian(reply.substr(2, 2));
        const auto body_size = read_big_endian(reply.substr(8, 4));
        const auto body = reply.substr(frame_header_size, body_size);
        result += stat_line(body.substr(0, key_size), body.substr(key_size));
        reply.remove_prefix(frame_header_size + body_size);
    }
    binary_dialect dialect;
    return result + "and " + dialect.normalised(reply);
}

/// Something of everything that is counted. No flush behind the first item: what it flushes would
/// stay counted in the real one until somebody asks for it.
inline const std::string counted_text =
    "flush_all\r\nset a 0 0 1\r\nx\r\nset b 5 100 300\r\n" + block(300) + "set c 0 0 5000\r\n" +
    block(5000) + "set n 0 0 1\r\n5\r\nset z 0 0 20000\r\n" + block(20000) +
    "get a\r\nget a no b c\r\ngets a b\r\nmg a v\r\nmg no v\r\nmg b T200 t\r\nmg no T1\r\nme "
    "a\r\nme "
    "no\r\ngat 100 a\r\ngat 100 no\r\ntouch b 100\r\ntouch no 1\r\nincr n 1\r\nincr n 2\r\ndecr n "
    "1\r\nincr no 1\r\ndecr no 1\r\nma n\r\nma n MD\r\nma no\r\nma no MD\r\nadd a 0 0 "
    "1\r\ny\r\nreplace b 0 0 300\r\n" +
    block(300) +
    "append a 0 0 1\r\ny\r\ncas a 0 0 1 1\r\ny\r\ncas no 0 0 1 "
    "1\r\ny\r\ndelete c\r\ndelete no\r\nmd z\r\nmd no\r\nmd a C1\r\nset big 0 0 2000000\r\n" +
    block(2000000) + "ms big 2000000\r\n" + block(2000000) +
    "set a 0 0 1\r\nxx\r\nset gone 0 -1 1\r\nx\r\nget gone\r\nverbosity 0\r\n";

inline const std::string counted_frames =
    binary_set("ba", "x") + binary_set("bb", std::string(1000, 'y')) + binary_get("ba") +
    binary_get("no") + of_key(opcode::get_key_quiet, "no") +
    binary_touch(opcode::touch, "ba", 100) + binary_touch(opcode::get_and_touch, "no", 1) +
    binary_set("bn", "7") + binary_count(opcode::increment, "bn") +
    binary_count(opcode::decrement, "bn") + binary_count(opcode::increment, "no") +
    binary_count(opcode::decrement, "no") +
    binary_count(opcode::increment, "made", {.initial = 3, .expiry = 0}) +
    binary_store(opcode::set, "ba", "z", 1) + binary_store(opcode::set, "no", "z", 1) +
    binary_store(opcode::add, "ba", "z") + binary_extend(opcode::append, "ba", "z") +
    of_key(opcode::remove, "bb") + of_key(opcode::remove, "no") + of_key(opcode::remove, "ba", 1);

}  // namespace memring::testing
