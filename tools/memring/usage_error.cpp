#include "usage_error.hpp"

#include <cstddef>

#include <fmt/format.h>

namespace memring::tool {

std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string result = "\"";
    for (const char c : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\x{:02x}", byte);
        } else {
            result += c;
        }
    }
    return result + (text.size() > longest ? "...\"" : "\"");
}

std::string reason_in(const std::system_error& refusal) {
    std::string text = refusal.what();
    const std::string kind = ": " + refusal.code().message();
    if (text.ends_with(kind)) text.resize(text.size() - kind.size());
    return text;
}

}  // namespace memring::tool
