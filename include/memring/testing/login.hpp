#pragma once
// Who may use the in-process memcached, and what it takes for a proof.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace memring::testing {

/// How a server asks for a name and a password.
enum class login_protocol {
    text,  ///< as with `-Y`: a `set` of "name password"; the server speaks text only
    sasl   ///< as with `-S` and the mechanism PLAIN; the server speaks binary only
};

/// The one user that a server knows.
struct required_login {
    login_protocol how = login_protocol::text;
    std::string user = {};
    std::string password = {};
};

namespace detail {

/// Whether `mechanism` is PLAIN, in letters of any case.
[[nodiscard]] inline bool is_plain(std::string_view mechanism) {
    return std::ranges::equal(mechanism, std::string_view("PLAIN"), [](char given, char wanted) {
        return (given >= 'a' && given <= 'z' ? given - 'a' + 'A' : given) == wanted;
    });
}

/// The data of the mechanism PLAIN (RFC 4616): whom to act as (nobody, or the user), the user and
/// the password, with zero bytes between them.
[[nodiscard]] inline bool is_right_plain(std::string_view data, const required_login& login) {
    const auto first = data.find('\0');
    if (first == std::string_view::npos) return false;
    const auto identity = data.substr(0, first);
    data.remove_prefix(first + 1);
    const auto second = data.find('\0');
    if (second == std::string_view::npos) return false;
    return (identity.empty() || identity == login.user) && data.substr(0, second) == login.user &&
           data.substr(second + 1) == login.password;
}

}  // namespace detail

}  // namespace memring::testing
