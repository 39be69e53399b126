#pragma once
// What can be set on a client and on a single operation. Per-operation options are trivially
// destructible: GCC 12 destroys other aggregates twice when they are written in a co_await.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/connection_options.hpp>

namespace memring {

/// Settings of a client, read when it is built.
struct client_options {
    /// From an operation's start to its answer: queueing, connect, write and reply together.
    /// Default 1 s; must be positive.
    std::chrono::milliseconds timeout{1000};
    /// The longest one connect may take, TLS and authentication included. Default 1 s; must be
    /// positive.
    std::chrono::milliseconds connect_timeout{1000};
    /// Larger values are refused with `errc::value_too_large` before anything is sent, in bytes.
    /// Default 1 MiB, as memcached's own `-I`; the server's limit includes key and header
    /// (`item_size_limit` reads it).
    std::size_t max_value_size = 1024 * 1024;
    /// Put before every key, in bytes; empty (default) for none. The key that is sent, both
    /// together, has at most 250.
    std::string key_prefix{};
    /// Whether the prefix counts when a key's node is looked up. Nothing (default): as the policy
    /// says (hashing/prefix_hashing.hpp), which a preset does as its peer; not, where it says
    /// nothing. True for fleets of libmemcached with HASH_WITH_PREFIX_KEY.
    std::optional<bool> hashes_prefix{};
    /// Whether keys may hold any byte (default off). Those that are no text travel in base64 over
    /// meta (up to 186 bytes) and as they are over the binary protocol; classic refuses them.
    bool binary_keys = false;
    /// Connections to each node, at least 1 (default). A key always takes the same one, so that
    /// what is asked of it stays in order. More than one can pay off for values of many kilobytes.
    std::size_t connections_per_node = 1;
    /// What is spoken. Default meta.
    protocol speaks = protocol::meta;
    /// How a node that cannot be reached is tried again.
    backoff_options backoff{};
    /// Who this is. Empty (default): nobody asks.
    credentials login{};
};

/// Options of operations that store nothing.
struct operation_options {
    std::chrono::milliseconds timeout{0};  ///< instead of the client's; 0 for the client's
    /// Finds the node in the key's place, for keys that are to live together. Read during the call
    /// only; empty (default) for the key itself. A reshard does not know of it: keys that were
    /// stored so are moved as if they had been routed by themselves.
    std::string_view server_key{};
};

/// Options of operations that store a value.
struct store_options {
    /// 0: never (default). Negative, or past January 2038: `errc::invalid_expiry`.
    std::chrono::seconds expires_in{0};
    std::uint32_t flags = 0;               ///< client flags, handed back by every get
    std::chrono::milliseconds timeout{0};  ///< instead of the client's; 0 for the client's
    std::string_view server_key{};         ///< see `operation_options`
};

/// Options of increment and decrement.
struct counter_options {
    std::chrono::milliseconds timeout{0};  ///< instead of the client's; 0 for the client's
    std::string_view server_key{};         ///< see `operation_options`
    /// What an absent counter is made with; the result is then this number. Nothing (default): an
    /// absent counter stays absent.
    std::optional<std::uint64_t> initial{};
    std::chrono::seconds expires_in{0};  ///< of a counter that is made; 0 (default): never
};

/// Options of operations on all nodes.
struct node_operation_options {
    std::chrono::milliseconds timeout{0};  ///< instead of the client's; 0 for the client's
};

/// Options of get-or-compute. The expiry is that of a value that is computed.
struct compute_options {
    std::chrono::seconds expires_in{0};  ///< see `store_options`
    std::uint32_t flags = 0;             ///< see `store_options`
    /// For asking and waiting, then once more for storing; computing may take as long as it likes.
    /// 0 for the client's.
    std::chrono::milliseconds timeout{0};
    std::string_view server_key{};  ///< see `operation_options`
    /// How long the others wait for whoever computes before one of them tries, 1 s to 30 days.
    /// Default 10 s; longer than computing takes. Of a key that has no value: memcached gives the
    /// renewal of a stale one to one caller, for as long as the item lives.
    std::chrono::seconds lease{10};
    /// One caller renews a value that has less than this left, while the others still take it. 0
    /// (default): values are renewed when they are gone. Empty values are not renewed early: an
    /// empty item whose renewal somebody has is what the placeholder of a lease looks like.
    std::chrono::seconds renew_before{0};
    /// Whether a value that was invalidated will do while somebody else renews it (default), or is
    /// to be waited for.
    bool accepts_stale = true;
};

/// A key and its value, for the many-key stores. Read during the call only.
struct entry {
    std::string_view key;
    std::string_view value;
    /// The number a get returned, for `compare_and_swap_many`; other stores do not look at it.
    std::uint64_t cas = 0;
};

}  // namespace memring
