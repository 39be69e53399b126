#pragma once
// What every operation of a client starts with. The operations themselves are in the headers
// beside this one, by what they work on: one key, many keys, all nodes.

#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <memring/detail/client_core.hpp>
#include <memring/detail/initiate.hpp>
#include <memring/detail/requests.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/item.hpp>
#include <memring/node_outcome.hpp>
#include <memring/observer.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

template <hash_policy Policy, transport Transport, observer Observer>
class client_base {
public:
    /// For the procedures of this library only.
    [[nodiscard]] const auto& core() const noexcept { return x_core; }

protected:
    using core_type = detail::client_core<Policy, Transport, Observer>;

    explicit client_base(std::shared_ptr<core_type> core) noexcept : x_core(std::move(core)) {}
    client_base(client_base&&) noexcept = default;
    client_base& operator=(client_base&&) noexcept = default;
    ~client_base() = default;

    [[nodiscard]] detail::request_maker make() const noexcept {
        return detail::request_maker(x_core->options());
    }

    template <class Convert, class Token>
    auto start(detail::single_request asked, Token& token) {
        using signature = void(std::error_code, typename Convert::result);
        return asio::async_initiate<Token, signature>(
            detail::initiate_single<core_type, Convert>(x_core), token, std::move(asked));
    }

    template <class Convert, class Token>
    auto start_many(detail::many_request asked, Token& token) {
        using result = outcome<typename Convert::result>;
        detail::result_list<Convert, result> sink(asked.commands.size());
        return asio::async_initiate<Token, void(std::error_code, std::vector<result>)>(
            detail::initiate_many<core_type>(x_core), token, std::move(asked), std::move(sink));
    }

    template <class Convert, class Token>
    auto start_everywhere(detail::everywhere_request asked, Token& token) {
        using result = node_outcome<typename Convert::result>;
        return asio::async_initiate<Token, void(std::error_code, std::vector<result>)>(
            detail::initiate_everywhere<core_type, Convert, result>(x_core), token,
            std::move(asked));
    }

    std::shared_ptr<core_type> x_core;
};

}  // namespace memring
