#pragma once
// How one node is talked to: language, login, patience.

#include <chrono>
#include <memory>
#include <string>

#include <memring/protocol/protocol.hpp>

namespace memring {

/// A user name and password, sent on each new connection: over the binary protocol by SASL PLAIN,
/// over the text protocols as memcached's `-Y` file wants it. In clear text unless the transport
/// is TLS.
struct credentials {
    std::string user{};
    std::string password{};

    [[nodiscard]] bool empty() const noexcept { return user.empty() && password.empty(); }
};

/// How long a node that could not be reached is left alone. Operations on it fail at once
/// meanwhile, with the error of the last attempt (`condition::not_sent`). After one failure the
/// node is tried again with the next operation; each one more doubles the pause, a random part of
/// it up to a half is left off.
struct backoff_options {
    std::chrono::milliseconds first{20};   ///< after two failures; 0: try with each operation
    std::chrono::milliseconds most{1000};  ///< the pause does not grow beyond
};

/// How a connection treats its node.
struct connection_options {
    /// The longest a connect may take, with the login.
    std::chrono::milliseconds connect_timeout{1000};
    /// A node that owes an answer past its deadline and has sent nothing for this long is taken
    /// for stuck: the connection is closed and everything on it fails.
    std::chrono::milliseconds stall_timeout{1000};
    protocol speaks = protocol::meta;
    backoff_options backoff{};
    credentials login{};
    /// Set while somebody waits for one operation and will flush and read for himself: what is
    /// submitted meanwhile neither posts nor sets a timer. Null: nobody ever does.
    std::shared_ptr<const bool> is_pulled{};
};

}  // namespace memring
