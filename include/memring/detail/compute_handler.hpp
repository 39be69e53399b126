#pragma once
// What an asynchronous function that computes a value is given, and which functions may compute.

#include <concepts>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/error.hpp>

#include <memring/detail/late_answer.hpp>
#include <memring/detail/made_value.hpp>
#include <memring/values/encoded_value.hpp>

namespace memring::detail {

[[nodiscard]] inline made_value aborted_value() {
    return made_value(outcome<std::string>{asio::error::operation_aborted, {}});
}

/// To be called once, with an error or the value, from any thread. Dropped without a call it is an
/// abort.
class compute_handler {
public:
    explicit compute_handler(std::shared_ptr<late_answer<made_value>> to)
        : x_last(std::make_shared<abort_at_end>(std::move(to))) {}

    void operator()(std::error_code error, std::string value) const {
        x_last->to->deliver(made_value(outcome<std::string>{error, std::move(value)}));
    }
    // A template, so that `{}` is an empty string.
    template <std::same_as<encoded_value> Value>
    void operator()(std::error_code error, Value value) const {
        x_last->to->deliver(made_value(outcome<encoded_value>{error, std::move(value)}));
    }

private:
    struct abort_at_end {
        explicit abort_at_end(std::shared_ptr<late_answer<made_value>> whom) noexcept
            : to(std::move(whom)) {}
        abort_at_end(const abort_at_end&) = delete;
        abort_at_end& operator=(const abort_at_end&) = delete;
        ~abort_at_end() { to->deliver(aborted_value()); }
        std::shared_ptr<late_answer<made_value>> to;
    };
    std::shared_ptr<abort_at_end> x_last;
};

/// A function that computes, at once or asynchronously.
template <class Compute>
concept compute_function =
    computes_at_once<Compute> || std::is_invocable_v<Compute&, compute_handler>;

}  // namespace memring::detail
