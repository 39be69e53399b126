#pragma once
// What every typed operation starts with. The operations themselves are in the headers beside this
// one, by what they work on.

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <memring/client_options.hpp>
#include <memring/detail/mapped_token.hpp>
#include <memring/item.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

template <class Client, value_dialect Dialect>
class typed_base {
public:
    using client_type = Client;
    using dialect_type = Dialect;
    using executor_type = typename Client::executor_type;

    [[nodiscard]] Client& underneath() const noexcept { return *x_client; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return x_dialect; }
    [[nodiscard]] executor_type get_executor() const noexcept { return x_client->get_executor(); }

protected:
    explicit typed_base(Client& underneath, Dialect dialect)
        : x_client(&underneath), x_dialect(std::move(dialect)) {}

    template <class T>
    struct read_one {
        Dialect dialect;
        auto operator()(std::error_code& error, std::optional<item> found) const {
            return value_detail::typed<T>(dialect, error, std::move(found));
        }
    };

    template <class T>
    struct read_each {
        Dialect dialect;
        auto operator()(std::error_code&, std::vector<outcome<std::optional<item>>> found) const {
            return value_detail::typed_each<T>(dialect, std::move(found));
        }
    };

    template <class T>
    struct read_cached {
        Dialect dialect;
        auto operator()(std::error_code& error, cached_value found) const {
            return value_detail::typed_cached<T>(dialect, error, std::move(found));
        }
    };

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

    template <class T, class Token>
    [[nodiscard]] auto reading(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_one<T>>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {x_dialect}, {}};
    }

    template <class T, class Token>
    [[nodiscard]] auto reading_each(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_each<T>>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {x_dialect}, {}};
    }

    template <class T, class Token>
    [[nodiscard]] auto reading_cached(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_cached<T>>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {x_dialect}, {}};
    }

    template <class Token>
    [[nodiscard]] auto storing(std::error_code refusal, Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, detail::same_result>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {}, refusal};
    }

private:
    Client* x_client;
    [[no_unique_address]] Dialect x_dialect;
};

}  // namespace memring
