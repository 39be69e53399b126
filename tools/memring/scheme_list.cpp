#include "scheme_list.hpp"

#include <algorithm>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes.hpp>

#include "usage_error.hpp"

namespace memring::tool {

namespace {

std::string line_of(const scheme& entry, std::size_t width) {
    return fmt::format("{:<{}}  {}{}{}\n", entry.name, width, entry.description,
                       entry.options.empty() ? "" : "  ", entry.option_usage());
}

std::string details_of(const scheme& entry) {
    std::string text =
        fmt::format("{}{}\n    {}\n", entry.name, entry.option_usage(), entry.description);
    for (const scheme_option& option : entry.options) {
        text += fmt::format("    {}={}", option.name, option.choices.empty() ? "TEXT" : "");
        text += fmt::format("{}", fmt::join(option.choices, "|"));
        text += option.meaning.empty() ? "\n" : fmt::format("  ({})\n", option.meaning);
    }
    return text;
}

const scheme& find_scheme(const std::string& name) {
    try {
        return known_schemes().find(name);
    } catch (const std::system_error& refusal) {
        throw usage_error(reason_in(refusal));
    }
}

}  // namespace

const scheme_registry& known_schemes() { return builtin_schemes(); }

void run_schemes(const std::vector<std::string>& names) {
    const scheme_registry& registry = known_schemes();
    std::string text;
    if (names.empty()) {
        std::size_t width = 0;
        for (const scheme& entry : registry.schemes()) {
            width = std::max(width, entry.name.size());
        }
        for (const scheme& entry : registry.schemes()) text += line_of(entry, width);
    }
    for (const std::string& name : names) text += details_of(find_scheme(name));
    fmt::print("{}", text);
}

}  // namespace memring::tool
