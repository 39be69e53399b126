#pragma once
// A hash policy that goes by a name, and the options that may follow the name, as in
// "jump:seed=another-pool" or "compat:twemproxy_ketama:fnv1a_64". Knows no policy.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// What may follow the name of a scheme, after a colon: `name=value`, or the bare value where it is
/// one of the choices.
struct scheme_option {
    std::string name;
    std::vector<std::string> choices = {};  ///< the first is the default; empty: any text
    std::string meaning = {};               ///< for people, a few words
};

/// The options of one scheme text, each of them one the scheme knows.
class scheme_arguments {
public:
    struct argument {
        std::string name;
        std::string value;
        std::size_t place;  ///< of the item in the text, counted from 0
    };

    scheme_arguments(std::string text, std::vector<argument> given)
        : x_text(std::move(text)), x_given(std::move(given)) {}

    /// The whole scheme text, as given.
    [[nodiscard]] const std::string& text() const noexcept { return x_text; }

    [[nodiscard]] bool has(std::string_view option) const noexcept {
        return find(option) != x_given.end();
    }

    /// The value given, else empty.
    [[nodiscard]] std::string_view operator[](std::string_view option) const noexcept {
        const auto found = find(option);
        return found == x_given.end() ? std::string_view() : std::string_view(found->value);
    }

    /// The value as a decimal number, `otherwise` where none is given. Throws as `refuse` for what
    /// is no number from `lowest` to `highest`.
    template <class Number>
    [[nodiscard]] Number number(std::string_view option, Number lowest, Number highest,
                                Number otherwise) const {
        if (!has(option)) return otherwise;
        Number value{};
        if (!detail::parse_number((*this)[option], value) || value < lowest || value > highest) {
            refuse(option, "is no number from " + std::to_string(lowest) + " to " +
                               std::to_string(highest));
        }
        return value;
    }

    /// Throws `std::system_error` that quotes the option given and says where in the text it is.
    [[noreturn]] void refuse(std::string_view option, std::string_view reason) const {
        const auto found = find(option);
        const std::size_t place = found == x_given.end() ? x_text.size() : found->place;
        refuse_at(x_text, place, reason);
    }

    /// The same for the item that begins at `place` of `text`.
    [[noreturn]] static void refuse_at(std::string_view text, std::size_t place,
                                       std::string_view reason) {
        const std::string_view item = text.substr(place, text.find(':', place) - place);
        throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                                "scheme \"" + std::string(text) + "\": option \"" +
                                    std::string(item) + "\" at character " +
                                    std::to_string(place + 1) + " " + std::string(reason));
    }

private:
    [[nodiscard]] std::vector<argument>::const_iterator find(
        std::string_view option) const noexcept {
        return std::ranges::find(x_given, option, &argument::name);
    }

    std::string x_text;
    std::vector<argument> x_given;
};

/// One row of a registry.
struct scheme {
    using factory =
        std::function<erased_policy_ptr(std::span<const node>, const scheme_arguments&)>;

    std::string name;         ///< may contain ':', as in "compat:emcache"
    std::string description;  ///< one line for people
    std::vector<scheme_option> options = {};
    factory make;  ///< throws `std::system_error` for nodes and options the policy refuses

    /// The options and their defaults, as they may follow the name: `[:hash=fnv1a_64]`.
    [[nodiscard]] std::string option_usage() const {
        std::string text;
        for (const scheme_option& option : options) {
            text += "[:" + option.name + "=" +
                    (option.choices.empty() ? std::string("...") : option.choices.front()) + "]";
        }
        return text;
    }

    /// The options in `text`, which begins with the name. Throws `std::system_error`
    /// (`std::errc::invalid_argument`) for one that is unknown, comes twice or has a value that is
    /// not among the choices, with its place.
    [[nodiscard]] scheme_arguments parse(std::string_view text) const;

    /// What an error says of the options there are.
    [[nodiscard]] std::string known_options() const;

private:
    [[nodiscard]] scheme_arguments::argument parse_item(std::string_view text,
                                                        std::string_view item,
                                                        std::size_t place) const;
};

inline std::string scheme::known_options() const {
    if (options.empty()) return "takes no option";
    std::string text = "knows";
    for (std::size_t i = 0; i < options.size(); ++i) {
        text += (i == 0 ? " " : ", ") + options[i].name + "=";
        if (options[i].choices.empty()) text += "...";
        for (std::size_t k = 0; k < options[i].choices.size(); ++k) {
            text += (k == 0 ? "" : "|") + options[i].choices[k];
        }
    }
    return text;
}

inline scheme_arguments scheme::parse(std::string_view text) const {
    std::vector<scheme_arguments::argument> given;
    for (std::size_t place = name.size(); place < text.size();) {
        ++place;  // the colon
        const std::string_view item = text.substr(place, text.find(':', place) - place);
        scheme_arguments::argument next = parse_item(text, item, place);
        if (std::ranges::find(given, next.name, &scheme_arguments::argument::name) != given.end()) {
            scheme_arguments::refuse_at(text, place, "gives \"" + next.name + "\" again");
        }
        given.push_back(std::move(next));
        place += item.size();
    }
    return {std::string(text), std::move(given)};
}

inline scheme_arguments::argument scheme::parse_item(std::string_view text, std::string_view item,
                                                     std::size_t place) const {
    const std::size_t equals = item.find('=');
    for (const scheme_option& option : options) {
        const bool is_named =
            equals != std::string_view::npos && item.substr(0, equals) == option.name;
        const std::string_view value = is_named ? item.substr(equals + 1) : item;
        const bool is_choice = std::ranges::find(option.choices, value) != option.choices.end();
        if (is_choice || (is_named && option.choices.empty())) {
            return {option.name, std::string(value), place};
        }
    }
    scheme_arguments::refuse_at(text, place, "is not known: " + name + " " + known_options());
}

}  // namespace memring
