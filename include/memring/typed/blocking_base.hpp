#pragma once
// How a typed operation is carried out over a blocking client. The operations themselves are in the
// headers beside this one.

#include <system_error>

#include <memring/client_options.hpp>
#include <memring/item.hpp>
#include <memring/typed/typed_view.hpp>
#include <memring/values/dialect.hpp>

namespace memring {

template <class Client, value_dialect Dialect>
class typed_blocking_base : public typed_view<Client, Dialect> {
protected:
    using typed_view<Client, Dialect>::typed_view;

    template <class T, class Store>
    store_result store(const T& t, std::error_code& error, const store_options& options,
                       Store send) {
        const auto sent = this->encode(t, options);
        error = sent.error;
        if (error) return {};
        return send(sent.bytes, sent.options);
    }
};

}  // namespace memring
