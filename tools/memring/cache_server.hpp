#pragma once
// One memcached of a demo's cluster: a real process, or memring's embedded server where there is no
// memcached.

#include <memory>
#include <optional>

#include <memring/node.hpp>
#include <memring/testing/loopback_server.hpp>

#include "../../tests/support/forked_memcached.hpp"

namespace memring::tool {

/// Whether the program that `testing::memcached_program()` names can be found and run.
[[nodiscard]] bool has_memcached();

/// A running server on a free port of 127.0.0.1. Ends with this object. Real processes are started
/// from the main thread only, because they end with the thread that started them.
class cache_server {
public:
    /// Throws `std::runtime_error` if it does not come up.
    explicit cache_server(bool is_real);

    [[nodiscard]] const node& where() const noexcept { return x_where; }
    /// SIGTERM; does not wait for the end, for memcached takes half a second over it.
    void ask_to_stop() noexcept;
    /// SIGKILL.
    void kill() noexcept;

private:
    std::optional<testing::forked_memcached> x_process;
    std::unique_ptr<testing::loopback_server> x_embedded;
    node x_where;
};

}  // namespace memring::tool
