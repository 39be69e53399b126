#pragma once
// A completion token that changes the result of an operation on its way to the token inside, or
// refuses the operation before it starts. Executor, allocator and cancellation slot are those of
// the inner handler.

#include <concepts>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/associated_executor.hpp>
#include <asio/associator.hpp>
#include <asio/async_result.hpp>
#include <asio/post.hpp>

namespace memring::detail {

/// Changes nothing.
struct same_result {
    template <class Result>
    Result operator()(std::error_code&, Result result) const {
        return result;
    }
};

/// `map(error, result)` makes what the inner handler gets, and may change the error. With a
/// `refusal` the operation is not started: it completes with that on `executor`.
template <class Token, class Map>
struct mapped_token {
    Token token;
    asio::any_io_executor executor;
    Map map{};
    std::error_code refusal{};
};

template <class Handler, class Map>
struct mapped_handler {
    template <class Result>
    void operator()(std::error_code error, Result result) {
        auto mapped = map(error, std::move(result));
        std::move(handler)(error, std::move(mapped));
    }

    Handler handler;
    Map map;
};

template <class Handler, class Result>
struct refused_handler {
    void operator()() { std::move(handler)(error, Result{}); }

    Handler handler;
    std::error_code error;
};

template <class Initiation, class Map, class Result>
struct mapped_initiation {
    using executor_type = asio::any_io_executor;

    [[nodiscard]] executor_type get_executor() const noexcept { return executor; }

    template <class Handler, class... Arguments>
    void operator()(Handler&& handler, Arguments&&... arguments) {
        using inner_handler = std::decay_t<Handler>;
        if (refusal) {
            const auto where = asio::get_associated_executor(handler, executor);
            asio::post(where, refused_handler<inner_handler, Result>{std::forward<Handler>(handler),
                                                                     refusal});
        } else {
            std::move(initiation)(
                mapped_handler<inner_handler, Map>{std::forward<Handler>(handler), std::move(map)},
                std::forward<Arguments>(arguments)...);
        }
    }

    Initiation initiation;
    executor_type executor;
    Map map;
    std::error_code refusal;
};

}  // namespace memring::detail

template <class Token, class Map, class Result>
class asio::async_result<memring::detail::mapped_token<Token, Map>, void(std::error_code, Result)> {
    using mapped_result = std::invoke_result_t<Map&, std::error_code&, Result>;

public:
    template <class Initiation, class RawToken, class... Arguments>
    static auto initiate(Initiation&& initiation, RawToken&& token, Arguments&&... arguments) {
        using wrapped =
            memring::detail::mapped_initiation<std::decay_t<Initiation>, Map, mapped_result>;
        return asio::async_initiate<Token, void(std::error_code, mapped_result)>(
            wrapped{std::forward<Initiation>(initiation), token.executor, token.map, token.refusal},
            token.token, std::forward<Arguments>(arguments)...);
    }
};

template <template <class, class> class Associator, class Handler, class Map, class Default>
struct asio::associator<Associator, memring::detail::mapped_handler<Handler, Map>, Default>
    : Associator<Handler, Default> {
    using wrapper = memring::detail::mapped_handler<Handler, Map>;

    static auto get(const wrapper& w) noexcept {
        return Associator<Handler, Default>::get(w.handler);
    }
    static auto get(const wrapper& w, const Default& otherwise) noexcept {
        return Associator<Handler, Default>::get(w.handler, otherwise);
    }
};

template <template <class, class> class Associator, class Handler, class Result, class Default>
struct asio::associator<Associator, memring::detail::refused_handler<Handler, Result>, Default>
    : Associator<Handler, Default> {
    using wrapper = memring::detail::refused_handler<Handler, Result>;

    static auto get(const wrapper& w) noexcept {
        return Associator<Handler, Default>::get(w.handler);
    }
    static auto get(const wrapper& w, const Default& otherwise) noexcept {
        return Associator<Handler, Default>::get(w.handler, otherwise);
    }
};
