#pragma once
// What every typed operation starts with. The operations themselves are in the headers beside this
// one, by what they work on.

#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <memring/detail/mapped_token.hpp>
#include <memring/item.hpp>
#include <memring/typed/typed_view.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

template <class Client, value_dialect Dialect>
class typed_base : public typed_view<Client, Dialect> {
public:
    using executor_type = typename Client::executor_type;

    [[nodiscard]] executor_type get_executor() const noexcept {
        return this->underneath().get_executor();
    }

protected:
    using typed_view<Client, Dialect>::typed_view;

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

    template <class T, class Token>
    [[nodiscard]] auto reading(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_one<T>>;
        return mapped{std::forward<Token>(token), get_executor(), {this->dialect()}, {}};
    }

    template <class T, class Token>
    [[nodiscard]] auto reading_each(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_each<T>>;
        return mapped{std::forward<Token>(token), get_executor(), {this->dialect()}, {}};
    }

    template <class T, class Token>
    [[nodiscard]] auto reading_cached(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_cached<T>>;
        return mapped{std::forward<Token>(token), get_executor(), {this->dialect()}, {}};
    }

    template <class Token>
    [[nodiscard]] auto storing(std::error_code refusal, Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, detail::same_result>;
        return mapped{std::forward<Token>(token), get_executor(), {}, refusal};
    }
};

}  // namespace memring
