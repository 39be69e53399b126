#pragma once
// What can be set on a client and on a single operation. Per-operation options are trivially
// destructible: GCC 12 destroys other aggregates twice when they are written in a co_await.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memring {

/// Settings of a client, read when it is built.
struct client_options {
    /// From an operation's start to its answer: queueing, connect, write and reply together.
    /// Default 1 s; must be positive.
    std::chrono::milliseconds timeout{1000};
    /// The longest one connect may take. Default 1 s; must be positive.
    std::chrono::milliseconds connect_timeout{1000};
    /// Larger values are refused with `errc::value_too_large` before anything is sent, in bytes.
    /// Default 1 MiB, as memcached's own `-I`; the server's limit includes key and header.
    std::size_t max_value_size = 1024 * 1024;
};

/// Options of operations that store nothing.
struct operation_options {
    std::chrono::milliseconds timeout{0};  ///< instead of the client's; 0 for the client's
};

/// Options of operations that store a value.
struct store_options {
    /// 0: never (default). Negative, or past January 2038: `errc::invalid_expiry`.
    std::chrono::seconds expires_in{0};
    std::uint32_t flags = 0;               ///< client flags, handed back by every get
    std::chrono::milliseconds timeout{0};  ///< instead of the client's; 0 for the client's
};

/// A key and its value, for the many-key stores. Read during the call only.
struct entry {
    std::string_view key;
    std::string_view value;
};

}  // namespace memring
