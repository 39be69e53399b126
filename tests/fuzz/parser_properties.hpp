#pragma once
// What must hold for every input of every parser, whoever makes the input: the fuzzer, or the
// deterministic test that runs with the others. A broken property throws.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/discovery/cluster_config.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/key_dump.hpp>
#include <memring/protocol/meta.hpp>
#include <memring/protocol/reply_reader.hpp>

namespace memring::fuzz {

inline void require(bool holds, const char* property) {
    if (!holds) throw std::logic_error(property);
}

/// Sizes of pieces, drawn from a seed: the same ones each time.
class piece_sizes {
public:
    explicit piece_sizes(std::uint64_t seed) noexcept : x_state(seed | 1) {}

    [[nodiscard]] std::size_t next() noexcept {
        x_state ^= x_state << 13;
        x_state ^= x_state >> 7;
        x_state ^= x_state << 17;
        return 1 + x_state % 7;
    }

private:
    std::uint64_t x_state;
};

/// Every reply in `bytes` as text, and how the stream ended.
inline std::string transcribe(const reply& r) {
    const bool has_key = r.kind == reply_kind::value;
    return std::to_string(static_cast<int>(r.kind)) + '[' +
           (has_key ? std::string(r.key) + '|' + std::string(r.flags) : std::string()) + "][" +
           std::string(r.text) + "][" + std::string(r.value) + ']' + std::to_string(r.size) + '\n';
}

inline std::string replies_whole(std::string_view bytes, reply_limits limits) {
    std::string transcript;
    reply_parser parser(limits);
    reply r;
    parse_state state{};
    while ((state = parser.parse(bytes, r)) == parse_state::complete) {
        require(r.size != 0 && r.size <= bytes.size(), "a reply lies in the buffer");
        transcript += transcribe(r);
        bytes.remove_prefix(r.size);
    }
    if (state == parse_state::need_more) require(parser.missing() != 0, "what is missing is known");
    return transcript + (state == parse_state::malformed ? "malformed" : "open");
}

/// The same with the bytes in pieces, each in a buffer that ends with it.
inline std::string replies_in_pieces(std::string_view bytes, reply_limits limits,
                                     std::uint64_t seed) {
    std::string transcript;
    reply_parser parser(limits);
    reply r;
    piece_sizes sizes(seed);
    std::vector<char> buffered;
    while (!bytes.empty()) {
        const std::size_t size = std::min(sizes.next(), bytes.size());
        std::vector<char> grown(buffered);  // a new allocation: views into the old one would show
        grown.insert(grown.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        buffered.swap(grown);
        bytes.remove_prefix(size);
        for (;;) {
            const auto state = parser.parse({buffered.data(), buffered.size()}, r);
            if (state == parse_state::malformed) return transcript + "malformed";
            if (state == parse_state::need_more) break;
            transcript += transcribe(r);
            buffered.erase(buffered.begin(),
                           buffered.begin() + static_cast<std::ptrdiff_t>(r.size));
        }
    }
    return transcript + "open";
}

inline void check_replies(std::string_view bytes, std::uint64_t seed) {
    const reply_limits limits{.line = 64, .value = 512};
    require(replies_whole(bytes, limits) == replies_in_pieces(bytes, limits, seed),
            "replies do not depend on the pieces they come in");
}

/// Whether the flags of `r` hold this opaque, found in a simpler way than the decoder does.
inline bool echoes(const reply& r, std::uint32_t opaque) {
    const std::string padded = ' ' + std::string(r.text) + ' ';
    for (std::size_t at = padded.find(" O"); at != std::string::npos;
         at = padded.find(" O", at + 1)) {
        std::string digits = padded.substr(at + 2, padded.find(' ', at + 2) - at - 2);
        while (digits.size() > 1 && digits.front() == '0') digits.erase(0, 1);
        if (digits == std::to_string(opaque)) return true;
    }
    return false;
}

/// Takes every reply for the answer to every verb.
inline void check_answers(std::string_view bytes, std::uint32_t opaque) {
    reply_parser parser;
    reply r;
    while (parser.parse(bytes, r) == parse_state::complete) {
        for (int what = 0; what <= static_cast<int>(verb::inspect); ++what) {
            answer out;
            const bool is_taken = parse_meta_answer({static_cast<verb>(what), opaque}, r, out);
            if (!is_taken) {
                require(out.error == errc::malformed_reply, "a refused reply is an error");
                require(out.bytes().empty(), "a refused reply leaves no value");
            } else if (out.error) {
                require(detail::is_error_line(r.kind), "only error lines become errors");
            } else {
                require(r.kind == reply_kind::en || r.kind == reply_kind::me || echoes(r, opaque),
                        "an answer echoes the opaque");
                require(out.bytes().empty() || out.bytes() == r.value, "the value is the block");
            }
        }
        bytes.remove_prefix(r.size);
    }
}

inline void check_classic(std::string_view bytes) {
    reply_parser parser;
    reply r;
    reply_reader reader;
    answer answered;
    std::size_t size = 0;
    (void)reader.read(bytes, {.shape = reply_shape::admin, .admin = admin_command::kind::stats},
                      answered, size);
    require(size <= bytes.size(), "no more is consumed than there is");
    config_reply config;
    while (parser.parse(bytes, r) == parse_state::complete) {
        if (config.add(r) == lines_state::done) static_cast<void>(config.take());
        bytes.remove_prefix(r.size);
    }
}

inline void check_key_dump(std::string_view bytes, std::uint64_t seed) {
    const auto dump = [&](std::size_t whole) {
        std::string transcript;
        key_dump_parser parser;
        piece_sizes sizes(seed);
        std::uint64_t handed_out = 0;
        for (std::string_view rest = bytes; !rest.empty();) {
            const std::size_t size = std::min(whole != 0 ? whole : sizes.next(), rest.size());
            parser.feed(rest.substr(0, size), [&](const key_dump_entry& e) {
                require(is_valid_key(e.key), "only valid keys are handed out");
                require(e.expiry >= -1, "an expiry is a time or never");
                transcript += std::string(e.key) + ' ' + std::to_string(e.cas) + '\n';
                ++handed_out;
            });
            rest.remove_prefix(size);
        }
        require(handed_out == parser.entries(), "every key handed out is counted");
        return transcript + std::to_string(static_cast<int>(parser.state())) + ' ' +
               std::to_string(parser.skipped()) + parser.refusal();
    };
    require(dump(bytes.size()) == dump(0), "a dump does not depend on the pieces it comes in");
}

inline void check_cluster_config(std::string_view body) {
    std::error_code error;
    std::string reason;
    const auto config = parse_cluster_config(body, error, &reason);
    require(static_cast<bool>(error) == !reason.empty(), "an error has a reason");
    require(static_cast<bool>(error) == config.nodes.empty(), "an error has no nodes");
    if (error) return;
    std::size_t place = 0;
    require(!check_nodes(config.nodes, place), "every node can be talked to");
    require(parse_cluster_config(format_cluster_config(config), error) == config && !error,
            "what was parsed is parsed again after formatting");
}

}  // namespace memring::fuzz
