#pragma once
// What must hold for every input of the classic and binary decoders and of the handshake: the
// second half of parser_properties.hpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/binary_decoder.hpp>
#include <memring/protocol/classic_decoder.hpp>
#include <memring/protocol/handshake.hpp>

#include "parser_properties.hpp"

namespace memring::fuzz {

inline constexpr int verb_count = static_cast<int>(verb::inspect) + 1;

/// Hands `bytes` to `look(buffered) -> consumed, 0 for "more"`, whole (`seed` 0) or in pieces drawn
/// from `seed`, each time in a new allocation that ends with the last piece, until `is_over()`.
template <class Look, class IsOver>
void feed_growing(std::string_view bytes, std::uint64_t seed, Look&& look, IsOver&& is_over) {
    piece_sizes sizes(seed);
    std::vector<char> buffered;
    while (!bytes.empty() && !is_over()) {
        const std::size_t size = seed == 0 ? bytes.size() : std::min(sizes.next(), bytes.size());
        std::vector<char> grown(buffered);
        grown.insert(grown.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        buffered.swap(grown);
        bytes.remove_prefix(size);
        while (!is_over()) {
            const std::size_t consumed = look(std::string_view(buffered.data(), buffered.size()));
            require(consumed <= buffered.size(), "no more is consumed than there is");
            if (consumed == 0) break;
            buffered.erase(buffered.begin(),
                           buffered.begin() + static_cast<std::ptrdiff_t>(consumed));
        }
    }
}

inline bool lies_in(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

inline std::string transcribe(const answer& a) {
    return a.error.message() + ' ' + std::to_string(static_cast<int>(a.what)) + ' ' +
           std::to_string(a.flags) + ' ' + std::to_string(a.cas) + ' ' + std::to_string(a.number) +
           '[' + std::string(a.bytes()) + "]\n";
}

/// What a refused and an accepted answer have in common in every protocol.
inline void check_answer(bool is_taken, const answer& a, std::string_view value) {
    require(is_taken == (a.error != errc::malformed_reply), "a refused reply is malformed");
    require(!a.error || a.bytes().empty(), "an error has no value");
    require(a.bytes().empty() || a.bytes() == value, "the value is the one that was sent");
    require(!a.won && !a.leased && !a.stale, "leases are known to meta only");
}

inline void check_classic_answers(std::string_view bytes) {
    reply_parser parser;
    reply r;
    while (parser.parse(bytes, r) == parse_state::complete) {
        int takers = 0;
        for (int i = 0; i < verb_count; ++i) {
            const auto what = static_cast<verb>(i);
            answer a;
            const bool is_taken = parse_classic_answer(what, r, a);
            check_answer(is_taken, a, r.value);
            require(!is_taken || detail::is_error_line(r.kind) == static_cast<bool>(a.error),
                    "only error lines become errors");
            takers += is_taken && !a.error ? 1 : 0;
        }
        require(takers <= 6, "a word belongs to one family of verbs");
        std::string_view key;
        answer a;
        if (parse_value_line(r, key, a)) {
            require(
                is_valid_key(key) && bytes.substr(0, r.size).find(key) != std::string_view::npos,
                "a VALUE has a key");
        }
        bytes.remove_prefix(r.size);
    }
}

/// Takes the stream for the answers to verbs drawn from `seed`.
inline std::string read_classic(std::string_view bytes, std::uint64_t seed, bool in_pieces) {
    classic_reader reader({.line = 64, .value = 512});
    piece_sizes verbs(seed + 1);
    auto what = static_cast<verb>(verbs.next());
    std::string transcript;
    bool is_over = false;
    feed_growing(
        bytes, in_pieces ? seed + 1 : 0,
        [&](std::string_view buffered) -> std::size_t {
            answer a;
            std::size_t consumed = 0;
            switch (reader.read(buffered, what, seed % 2 == 0 ? "k" : "", a, consumed)) {
                case parse_state::need_more:
                    require(reader.missing() != 0, "what is missing is known");
                    return 0;
                case parse_state::malformed:
                    check_answer(false, a, {});
                    is_over = true;
                    return 0;
                case parse_state::complete: break;
            }
            require(lies_in(a.view, buffered.substr(0, consumed)), "the value is in the answer");
            transcript += transcribe(a) + (reader.is_in_step() ? "" : "out of step\n");
            what = static_cast<verb>(verbs.next() * 2 % 11);
            return consumed;
        },
        [&] { return is_over; });
    return transcript + (is_over ? "malformed" : "open");
}

/// `Parser` and `Reply` of either kind of protocol; `add` calls the one of `admin_reply`.
template <class Parser, class Reply, class Add>
void check_admin_replies(std::string_view bytes, Add&& add) {
    for (int i = 0; i <= static_cast<int>(admin_command::kind::barrier); ++i) {
        admin_reply gathered;
        Parser parser;
        Reply r;
        for (auto rest = bytes; parser.parse(rest, r) == parse_state::complete;) {
            answer a;
            const auto what = static_cast<admin_command::kind>(i);
            const auto state = add(gathered, what, r, a);
            require((state == lines_state::malformed) == (a.error == errc::malformed_reply),
                    "what does not belong here is malformed");
            require(!a.error || a.bytes().empty(), "an error has no text");
            require(what == admin_command::kind::version || a.value.empty() ||
                        (what == admin_command::kind::stats && a.value.ends_with('\n')),
                    "statistics are lines");
            if (state == lines_state::malformed) break;
            rest.remove_prefix(r.size);
        }
    }
}

inline void check_classic_protocol(std::string_view bytes, std::uint64_t seed) {
    check_classic_answers(bytes);
    require(read_classic(bytes, seed, false) == read_classic(bytes, seed, true),
            "answers do not depend on the pieces they come in");
    check_admin_replies<reply_parser, reply>(
        bytes, [](admin_reply& gathered, admin_command::kind what, const reply& r, answer& a) {
            return gathered.add(what, r, a);
        });
}

inline std::string read_frames(std::string_view bytes, std::uint64_t seed) {
    binary_parser parser({.line = 64, .value = 512});
    std::string transcript;
    bool is_over = false;
    feed_growing(
        bytes, seed,
        [&](std::string_view buffered) -> std::size_t {
            binary_reply r;
            switch (parser.parse(buffered, r)) {
                case parse_state::need_more:
                    require(parser.missing() != 0, "what is missing is known");
                    return 0;
                case parse_state::malformed: is_over = true; return 0;
                case parse_state::complete: break;
            }
            require(r.size == binary_header_size + r.extras.size() + r.key.size() + r.value.size(),
                    "a frame is the sum of its parts");
            const auto frame = buffered.substr(0, r.size);
            require(lies_in(r.extras, frame) && lies_in(r.key, frame) && lies_in(r.value, frame),
                    "a frame's parts lie in it");
            transcript += std::to_string(static_cast<int>(r.opcode)) + ' ' +
                          std::to_string(static_cast<int>(r.status)) + ' ' +
                          std::to_string(r.opaque) + ' ' + std::to_string(r.cas) + '[' +
                          std::string(r.extras) + "][" + std::string(r.key) + "][" +
                          std::string(r.value) + "]\n";
            return r.size;
        },
        [&] { return is_over; });
    return transcript + (is_over ? "malformed" : "open");
}

inline void check_binary_answers(std::string_view bytes, std::uint32_t opaque) {
    binary_parser parser;
    binary_reply r;
    while (parser.parse(bytes, r) == parse_state::complete) {
        int takers = 0;
        for (int i = 0; i < verb_count; ++i) {
            const auto what = static_cast<verb>(i);
            answer a;
            const bool is_taken = parse_binary_answer(what, opaque, r, a);
            check_answer(is_taken, a, r.value);
            require(!is_taken || r.opaque == opaque, "an answer echoes the opaque");
            require(a.error || !is_taken || a.what != status::ok || r.status == binary_status::ok,
                    "only a success is one");
            takers += is_taken ? 1 : 0;
        }
        require(takers <= 2, "an operation belongs to one verb, or to set and replace");
        bytes.remove_prefix(r.size);
    }
}

inline void check_binary_protocol(std::string_view bytes, std::uint64_t seed) {
    const auto opaque = static_cast<std::uint32_t>(seed);
    require(read_frames(bytes, 0) == read_frames(bytes, seed + 1),
            "frames do not depend on the pieces they come in");
    check_binary_answers(bytes, opaque);
    check_admin_replies<binary_parser, binary_reply>(
        bytes, [=](admin_reply& gathered, admin_command::kind what, const binary_reply& r,
                   answer& a) { return gathered.add(what, opaque, r, a); });
}

/// Plays a handshake against a server that says `bytes`, whatever it is asked.
inline std::string shake_hands(std::string_view bytes, std::uint64_t seed, bool in_pieces) {
    handshake talk({.wanted = static_cast<protocol>(seed % 4),
                    .user = seed / 4 % 2 != 0 ? "user" : "",
                    .password = "password",
                    .asks_version = seed / 8 % 2 != 0});
    auto state = talk.start();
    std::size_t sends = state == handshake_state::send ? 1 : 0;
    std::string transcript(talk.to_send());
    const auto is_over = [&] {
        return state == handshake_state::ready || state == handshake_state::failed;
    };
    feed_growing(
        bytes, in_pieces ? seed + 1 : 0,
        [&](std::string_view buffered) {
            std::size_t consumed = 0;
            state = talk.feed(buffered, consumed);
            if (state == handshake_state::need_more) {
                require(talk.missing() != 0 && consumed == 0, "what is missing is known");
            }
            if (state == handshake_state::send) {
                require(!talk.to_send().empty() && consumed != 0, "a step takes and gives");
                require(++sends <= 3, "a handshake ends");
                transcript += talk.to_send();
            }
            return consumed;
        },
        is_over);
    if (state == handshake_state::ready) {
        require(talk.spoken() != protocol::automatic, "a protocol is found");
        require(!talk.error(), "what is ready has no error");
    }
    require((state == handshake_state::failed) == static_cast<bool>(talk.error()),
            "a failure has an error");
    return transcript + std::to_string(is_over() ? static_cast<int>(state) : -1) + ' ' +
           std::to_string(static_cast<int>(talk.spoken())) + talk.server_version() +
           talk.error().message();
}

inline void check_handshake(std::string_view bytes, std::uint64_t seed) {
    require(shake_hands(bytes, seed, false) == shake_hands(bytes, seed, true),
            "a handshake does not depend on the pieces it comes in");
}

}  // namespace memring::fuzz
