#pragma once
// A client whose values have types: a dialect between the caller and the items. It adds nothing to
// what the client underneath does and owns nothing of it.

#include <utility>

#include <memring/client.hpp>
#include <memring/typed/composed_operations.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/dialect/native.hpp>

namespace memring {

/// Reads and writes values of any type that `Dialect` knows.
///
///     memring::typed_client<memring::client<>, memring::dialect::pylibmc> cache(client);
///     co_await cache.async_set("answer", 42, asio::use_awaitable);
///     auto hit = co_await cache.async_get<int>("answer", asio::use_awaitable);   // hit->value
///
/// Operations are the client's, with its tokens, deadlines, cancellation and errors, and beside
/// those the dialect's: `errc::malformed_value`, `foreign_value` and `wrong_value_type` from reads
/// of what cannot be read as a `T`, `unsupported` and `malformed_value` from stores of what the
/// dialect does not have; the latter before anything is sent. A read of a `value` takes whatever
/// is there. The dialect's flags are added to those in `store_options`.
///
/// Under GCC 12 an aggregate of yours with a member that owns something is named before it is
/// stored from a coroutine: written in the co_await it would be destroyed twice.
///
/// Thread-safety: as the client. Lifetime: the client must outlive it, while operations under way
/// need only the client.
template <class Client = client<>, value_dialect Dialect = dialect::native>
class typed_client : public typed_composed_operations<Client, Dialect> {
public:
    explicit typed_client(Client& underneath, Dialect dialect = {})
        : typed_composed_operations<Client, Dialect>(underneath, std::move(dialect)) {}
};

}  // namespace memring
