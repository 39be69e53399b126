#pragma once
// The pickles that are a single None, bool or float, of every pickle protocol there is (0 to 5).
// Such a pickle is a fixed sequence of opcodes, recognised as a whole; anything else is not
// understood. Opcodes: the Python standard library's documentation of pickletools.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <memring/values/detail/number_text.hpp>
#include <memring/values/value.hpp>

namespace memring::value_detail {

/// Eight bytes as an unsigned number, the most significant first.
[[nodiscard]] constexpr std::uint64_t big_endian_number(std::string_view eight) noexcept {
    std::uint64_t number = 0;
    for (const char c : eight.substr(0, 8)) number = number << 8 | static_cast<unsigned char>(c);
    return number;
}

// What stands between a pickle's header and its STOP opcode.
[[nodiscard]] inline std::optional<value> scalar_of_opcodes(std::string_view opcodes) {
    if (opcodes == "N") return value(std::monostate{});
    if (opcodes == "\x88" || opcodes == "I01\n") return value(true);
    if (opcodes == "\x89" || opcodes == "I00\n") return value(false);
    if (opcodes.size() == 9 && opcodes.front() == 'G') {
        return value(std::bit_cast<double>(big_endian_number(opcodes.substr(1))));
    }
    if (opcodes.size() > 2 && opcodes.front() == 'F' && opcodes.back() == '\n') {
        double number = 0;
        const auto text = opcodes.substr(1, opcodes.size() - 2);
        if (text.back() != ' ' && parse_number(text, number)) return value(number);
    }
    return std::nullopt;
}

/// The value of a pickle that is one of these, else nothing.
[[nodiscard]] inline std::optional<value> read_scalar_pickle(std::string_view pickle) {
    constexpr std::size_t frame_size = 9;  // FRAME and the length of what follows, little endian
    if (pickle.empty() || pickle.back() != '.') return std::nullopt;
    if (pickle.front() == '\x80') {
        if (pickle.size() < 3 || pickle[1] < 2 || pickle[1] > 5) return std::nullopt;
        pickle.remove_prefix(2);
        if (pickle.size() > frame_size && pickle.front() == '\x95') {
            std::uint64_t framed = 0;
            for (std::size_t i = 8; i != 0; --i) {
                framed = framed << 8 | static_cast<unsigned char>(pickle[i]);
            }
            pickle.remove_prefix(frame_size);
            if (framed != pickle.size()) return std::nullopt;
        }
    }
    pickle.remove_suffix(1);
    return scalar_of_opcodes(pickle);
}

/// Protocol 2, which every Python since 2.3 reads.
[[nodiscard]] inline std::string scalar_pickle(double number) {
    std::string pickle("\x80\x02G");
    const auto bits = std::bit_cast<std::uint64_t>(number);
    for (int shift = 56; shift >= 0; shift -= 8) {
        pickle.push_back(static_cast<char>(bits >> shift & 0xff));
    }
    return pickle += '.';
}

[[nodiscard]] inline std::string scalar_pickle(bool b) {
    return b ? "\x80\x02\x88." : "\x80\x02\x89.";
}

[[nodiscard]] inline std::string scalar_pickle(std::monostate) { return "\x80\x02N."; }

}  // namespace memring::value_detail
