#pragma once
// Whether bytes are UTF-8, by the table of well-formed sequences in the Unicode standard (3.9).

#include <cstddef>
#include <string_view>

namespace memring::value_detail {

struct utf8_lead {
    std::size_t size;      // of the sequence; 0 for a byte that cannot begin one
    unsigned char lowest;  // of its second byte
    unsigned char highest;
};

[[nodiscard]] constexpr utf8_lead utf8_lead_of(unsigned char lead) noexcept {
    if (lead < 0x80) return {1, 0, 0};
    if (lead < 0xc2) return {0, 0, 0};
    if (lead < 0xe0) return {2, 0x80, 0xbf};
    if (lead == 0xe0) return {3, 0xa0, 0xbf};
    if (lead == 0xed) return {3, 0x80, 0x9f};  // no surrogates
    if (lead < 0xf0) return {3, 0x80, 0xbf};
    if (lead == 0xf0) return {4, 0x90, 0xbf};
    if (lead < 0xf4) return {4, 0x80, 0xbf};
    if (lead == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at != text.size();) {
        const auto lead = utf8_lead_of(static_cast<unsigned char>(text[at]));
        if (lead.size == 0 || lead.size > text.size() - at) return false;
        for (std::size_t i = 1; i < lead.size; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            const unsigned char lowest = i == 1 ? lead.lowest : 0x80;
            const unsigned char highest = i == 1 ? lead.highest : 0xbf;
            if (byte < lowest || byte > highest) return false;
        }
        at += lead.size;
    }
    return true;
}

}  // namespace memring::value_detail
