#pragma once
// The typed operations on the calling thread, over a blocking client.

#include <utility>

#include <memring/blocking_client.hpp>
#include <memring/typed/blocking_composed_operations.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/dialect/native.hpp>

namespace memring {

/// As `typed_client`, with operations that return their result.
///
///     memring::typed_blocking_client<memring::blocking_client<>, memring::dialect::pylibmc>
///         cache(client);
///     cache.set("answer", 42);
///     if (auto hit = cache.get<int>("answer")) use(hit->value);
///
/// Each operation throws `std::system_error` or, given a `std::error_code&` before the options,
/// reports there and returns an empty result. Many-key operations report a single key's error in
/// that key's result.
///
/// Thread-safety: as the client. Lifetime: the client must outlive it.
template <class Client = blocking_client<>, value_dialect Dialect = dialect::native>
class typed_blocking_client : public typed_blocking_composed_operations<Client, Dialect> {
public:
    explicit typed_blocking_client(Client& underneath, Dialect dialect = {})
        : typed_blocking_composed_operations<Client, Dialect>(underneath, std::move(dialect)) {}
};

}  // namespace memring
