#pragma once
// A client and the dialect of the values in it: what typed operations of both kinds begin with.

#include <string>
#include <system_error>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/values/dialect.hpp>

namespace memring {

template <class Client, value_dialect Dialect>
class typed_view {
public:
    using client_type = Client;
    using dialect_type = Dialect;

    [[nodiscard]] Client& underneath() const noexcept { return *x_client; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return x_dialect; }

protected:
    explicit typed_view(Client& underneath, Dialect dialect)
        : x_client(&underneath), x_dialect(std::move(dialect)) {}

    struct encoded_store {
        std::string bytes;
        store_options options;
        std::error_code error;
    };

    template <class T>
    [[nodiscard]] encoded_store encode(const T& t, const store_options& options) const {
        auto encoded = x_dialect.encode(t);
        encoded_store sent{std::move(encoded.value.bytes), options, encoded.error};
        sent.options.flags |= encoded.value.flags;
        return sent;
    }

private:
    Client* x_client;
    [[no_unique_address]] Dialect x_dialect;
};

}  // namespace memring
