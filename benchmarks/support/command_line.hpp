#pragma once
// The command line of a benchmark, and what becomes of its errors.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace memring::benchmark {

/// An option and where what is said goes: that it was, its value, or its values.
struct command_option {
    std::string_view name;
    std::variant<bool*, std::string*, std::vector<std::string>*> target;
};

/// Throws `std::invalid_argument` for a word that is none of `options`, and for a missing value.
inline void parse_options(std::span<const std::string_view> words,
                          std::span<const command_option> options) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto known = std::ranges::find(options, words[i], &command_option::name);
        const auto wrong = [&] {
            return std::invalid_argument("not an option: " + std::string(words[i]));
        };
        if (known == options.end()) throw wrong();
        if (bool* const* flag = std::get_if<bool*>(&known->target)) {
            **flag = true;
            continue;
        }
        if (i + 1 == words.size()) throw wrong();
        const std::string_view value = words[++i];
        if (std::string* const* only = std::get_if<std::string*>(&known->target)) {
            **only = value;
        } else {
            std::get<std::vector<std::string>*>(known->target)->emplace_back(value);
        }
    }
}

/// A program whose options are `options` and `--help`, which prints `usage`.
struct command_line {
    std::string_view program;
    std::string_view usage;
    std::vector<command_option> options;

    /// What main() returns: of `run()` once the options are read, 2 and the usage for
    /// `std::invalid_argument`, 1 for any other exception.
    template <class Run>
    [[nodiscard]] int run(int argc, char** argv, Run run) const {
        try {
            bool asks_for_help = false;
            auto all = options;
            all.push_back({"--help", &asks_for_help});
            parse_options(std::vector<std::string_view>{argv + 1, argv + argc}, all);
            if (asks_for_help) {
                std::fwrite(usage.data(), 1, usage.size(), stdout);
                return 0;
            }
            return run();
        } catch (const std::invalid_argument& error) {
            std::fprintf(stderr, "%s\n%.*s", error.what(), static_cast<int>(usage.size()),
                         usage.data());
            return 2;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(),
                         error.what());
            return 1;
        }
    }
};

}  // namespace memring::benchmark
