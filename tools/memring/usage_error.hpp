#pragma once
// What the person at the command line has to put right.

#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace memring::tool {

/// The exit status of a command that was given bad input.
inline constexpr int bad_input_status = 2;

/// One sentence that says where the input is wrong. The command exits with `bad_input_status`.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// `text` in quotes, on one line and of bearable length: control bytes as \xNN, a long one cut.
[[nodiscard]] std::string quoted(std::string_view text);

/// What a policy or a registry says of what it refuses, without the words that only name the kind
/// of error.
[[nodiscard]] std::string reason_in(const std::system_error& refusal);

}  // namespace memring::tool
