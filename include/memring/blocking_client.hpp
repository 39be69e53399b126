#pragma once
// The client's operations on the calling thread: it runs the client's own execution context until
// the answer is in. No thread is created (Asio resolves host names in one of its own).

#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/blocking/node_operations.hpp>
#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/node.hpp>

namespace memring {

/// A client whose operations return their result.
///
///     memring::blocking_client<> cache({{"10.0.0.1"}, {"10.0.0.2"}});
///     cache.set("greeting", "hello", {.expires_in = 60s});
///     if (auto hit = cache.get("greeting")) use(hit->value);
///
/// Each operation does what `Client::async_NAME` does and either throws `std::system_error` or,
/// given a `std::error_code&` before the options, reports there and returns an empty result.
/// Many-key operations report a single key's error in that key's result.
///
/// Not from within a handler that runs inside such a call: that is
/// `std::errc::resource_deadlock_would_occur`.
///
/// Thread-safety: none; one thread at a time. It is at work only inside a
/// call: `poll()` lets it do what is due, without waiting.
template <class Client = client<>>
class blocking_client : public blocking_node_operations<Client> {
public:
    using typename blocking_base<Client>::transport_options;

    /// As the client's constructor.
    explicit blocking_client(std::vector<node> nodes = {}, const client_options& options = {},
                             const transport_options& stream = {},
                             const typename Client::observer_type& watched_by = {})
        : base(std::move(nodes), options, stream, watched_by) {}
    blocking_client(std::vector<node> nodes, const client_options& options,
                    const transport_options& stream, const typename Client::policy_type& policy,
                    const typename Client::observer_type& watched_by = {})
        : base(std::move(nodes), options, stream, policy, watched_by) {}
    template <class Ready>
    explicit blocking_client(std::shared_ptr<Ready> nodes, const client_options& options = {},
                             const transport_options& stream = {},
                             const typename Client::observer_type& watched_by = {})
        : base(std::move(nodes), options, stream, watched_by) {}

    using blocking_key_operations<Client>::update;
    /// See `client::update`.
    std::error_code update(std::vector<node> nodes) {
        return this->async().update(std::move(nodes));
    }
    template <class Ready>
    std::error_code update(std::shared_ptr<Ready> nodes) {
        return this->async().update(std::move(nodes));
    }

private:
    using base = blocking_node_operations<Client>;
};

}  // namespace memring
