#pragma once
// Scripts that go to the in-process memcached and to the real one, and what makes their replies
// comparable: numbers that depend on the moment get names.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/testing/binary_frame.hpp>

#include "../support/forked_memcached.hpp"
#include "frames.hpp"

namespace memring::testing {

/// Steps are sent one after the other's replies; `$CAS` (in frames: `last_cas`) stands for the last
/// cas number seen.
struct script {
    const char* what;
    std::vector<std::string> steps;
};

inline constexpr std::uint64_t last_cas = 0xfedcba9876543210;

inline const std::string long_key(251, 'k');
inline const std::string longest_key(250, 'k');

inline std::string block(std::size_t size) { return std::string(size, 'x') + "\r\n"; }

inline std::string repeated(std::string_view text, int times) {
    std::string result;
    while (times-- > 0) result += text;
    return result;
}

class raw_connection {
public:
    explicit raw_connection(std::uint16_t port) {
        const auto address = detail::loopback_address(port);
        if (::connect(x_socket.handle(), reinterpret_cast<const sockaddr*>(&address),
                      sizeof address) != 0) {
            throw std::runtime_error("cannot connect to memcached");
        }
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(x_socket.handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;  // the server has closed: the replies tell
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void end_of_input() { ::shutdown(x_socket.handle(), SHUT_WR); }

    /// Up to `end`, or to the server's close.
    std::string read_until(std::string_view end) {
        std::string result;
        while (end.empty() || !result.ends_with(end)) {
            pollfd readable{x_socket.handle(), POLLIN, 0};
            if (::poll(&readable, 1, 10'000) != 1) throw std::runtime_error("no reply in 10 s");
            char bytes[16384];
            const auto size = ::recv(x_socket.handle(), bytes, sizeof bytes, 0);
            if (size <= 0) break;
            result.append(bytes, static_cast<std::size_t>(size));
        }
        return result;
    }

private:
    detail::scoped_socket x_socket;
};

/// Cas numbers by their order of appearance.
class cas_names {
public:
    std::string operator()(const std::string& cas) {
        if (cas == "0" || cas.empty()) return cas;
        x_last = cas;
        return "#" + std::to_string(x_names.emplace(cas, x_names.size() + 1).first->second);
    }
    [[nodiscard]] const std::string& last() const { return x_last; }

private:
    std::map<std::string, std::size_t> x_names;
    std::string x_last;
};

/// Text: replies with their cas numbers named, and without the order of a key dump and its times.
class text_dialect {
public:
    static constexpr std::string_view mark = "mn\r\n";
    static constexpr std::string_view mark_reply = "MN\r\n";

    std::string normalised(const std::string& replies) {
        auto lines = lines_of(replies);
        for (auto& line : lines) line = normalised_line(line);
        const bool is_dump = replies.starts_with("key=");
        if (is_dump) std::ranges::sort(lines);
        std::string result;
        for (const auto& line : lines) result += line;
        return result;
    }
    std::string with_cas(std::string step) const {
        const auto at = step.find("$CAS");
        return at == std::string::npos ? step : step.replace(at, 4, x_names.last());
    }

private:
    static std::vector<std::string> lines_of(const std::string& text) {
        std::vector<std::string> lines;
        std::string line;
        for (const char c : text) {
            line += c;
            if (c == '\n') lines.push_back(std::exchange(line, {}));
        }
        if (!line.empty()) lines.push_back(line);
        return lines;
    }

    static bool is_number(std::string_view text) {
        return !text.empty() &&
               std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
    }

    // Calls `change(word, index)` for the words of a line; keeps the blanks and the line end.
    template <class Change>
    static std::string changed_words(const std::string& line, Change change) {
        std::string result;
        std::size_t index = 0;
        for (std::size_t at = 0; at < line.size();) {
            const auto end = std::min(line.find_first_of(" \r\n", at), line.size());
            result += change(line.substr(at, end - at), index++);
            if (end < line.size()) result += line[end];
            at = end + 1;
        }
        return result;
    }

    std::string normalised_line(const std::string& line) {
        const bool is_meta = line.size() > 2 && (line[2] == ' ' || line[2] == '\r') &&
                             std::isupper(static_cast<unsigned char>(line[0])) != 0;
        const bool is_value = line.starts_with("VALUE ");
        const bool is_dump = line.starts_with("key=");
        const bool is_inspection = line.starts_with("ME ");
        return changed_words(line, [&](const std::string& word, std::size_t index) {
            if (is_meta && index > 0 && word.starts_with('c') && is_number(word.substr(1))) {
                return "c" + x_names(word.substr(1));
            }
            if (is_value && index == 4) return x_names(word);
            if (is_inspection && word.starts_with("cas=")) return "cas=" + x_names(word.substr(4));
            if (is_dump && word.starts_with("cas=")) return std::string("cas=#");
            if (is_dump && word.starts_with("la=")) return std::string("la=#");
            return word;
        });
    }

    cas_names x_names;
};

/// Binary: every field of every frame, the cas numbers named.
class binary_dialect {
public:
    inline static const std::string mark = frame(opcode::noop, {.opaque = 0xffffffff});
    inline static const std::string mark_reply = [] {
        std::string reply;
        append_frame({.what = opcode::noop, .opaque = 0xffffffff}, {}, reply);
        return reply;
    }();

    std::string normalised(std::string_view replies) {
        std::string result;
        while (replies.size() >= frame_header_size) {
            const auto size = frame_header_size + read_big_endian(replies.substr(8, 4));
            if (replies.size() < size) break;
            result += frame_text(replies.substr(0, size));
            replies.remove_prefix(size);
        }
        return replies.empty() ? result : result + "and " + readable(replies) + "\n";
    }
    std::string with_cas(std::string step) const {
        const auto at = step.find(big_endian(last_cas, 8));
        if (at == std::string::npos) return step;
        return step.replace(at, 8, big_endian(std::stoull(x_names.last()), 8));
    }

private:
    static std::string readable(std::string_view bytes) {
        constexpr std::string_view hex = "0123456789abcdef";
        constexpr std::size_t longest = 400;
        std::string text;
        for (const char c : bytes.substr(0, longest)) {
            const auto byte = static_cast<unsigned char>(c);
            if (std::isprint(byte) != 0) {
                text += c;
            } else {
                text += {'<', hex[byte >> 4], hex[byte & 15], '>'};
            }
        }
        if (bytes.size() <= longest) return text;
        return text + "... " + std::to_string(bytes.size()) + " bytes, hash " +
               std::to_string(std::hash<std::string_view>{}(bytes));
    }

    std::string frame_text(std::string_view bytes) {
        const auto number = [&](std::size_t at, std::size_t size) {
            return std::to_string(read_big_endian(bytes.substr(at, size)));
        };
        const auto key_size = read_big_endian(bytes.substr(2, 2));
        const auto extras_size = read_big_endian(bytes.substr(4, 1));
        const auto body = bytes.substr(frame_header_size);
        if (key_size + extras_size > body.size()) return "malformed " + readable(bytes) + "\n";
        return "magic " + number(0, 1) + " opcode " + number(1, 1) + " type " + number(5, 1) +
               " status " + number(6, 2) + " opaque " + number(12, 4) + " cas " +
               x_names(number(16, 8)) + " extras '" + readable(body.substr(0, extras_size)) +
               "' key '" + readable(body.substr(extras_size, key_size)) + "' value '" +
               readable(body.substr(extras_size + key_size)) + "'\n";
    }

    cas_names x_names;
};

}  // namespace memring::testing
