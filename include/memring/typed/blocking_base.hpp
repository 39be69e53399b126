#pragma once
// How a typed operation is carried out over a blocking client. The operations themselves are in the
// headers beside this one.

#include <system_error>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/item.hpp>
#include <memring/values/dialect.hpp>

namespace memring {

template <class Client, value_dialect Dialect>
class typed_blocking_base {
public:
    using client_type = Client;
    using dialect_type = Dialect;

    [[nodiscard]] Client& underneath() const noexcept { return *x_client; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return x_dialect; }

protected:
    explicit typed_blocking_base(Client& underneath, Dialect dialect)
        : x_client(&underneath), x_dialect(std::move(dialect)) {}

    template <class T, class Store>
    store_result store(const T& t, std::error_code& error, store_options options, Store send) {
        const auto encoded = x_dialect.encode(t);
        error = encoded.error;
        if (error) return {};
        options.flags |= encoded.value.flags;
        return send(encoded.value.bytes, options);
    }

private:
    Client* x_client;
    [[no_unique_address]] Dialect x_dialect;
};

}  // namespace memring
