#pragma once
// Runs an io_context until something has happened, with a deadline instead of a sleep.

#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

namespace memring::testing {

/// How much more time to give, and how much less work to do: sanitizers are slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int slowness = 5;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int slowness = 5;
#else
inline constexpr int slowness = 1;
#endif
#else
inline constexpr int slowness = 1;
#endif

/// What an operation completed with.
template <class T>
struct completed {
    std::error_code error;
    T value{};
};

/// An io_context that the test itself drives.
class stepper {
public:
    /// Runs handlers until `done()`; false if that takes longer than `limit`.
    template <class Done>
    bool until(Done done, std::chrono::seconds limit = std::chrono::seconds(20)) {
        const auto deadline = std::chrono::steady_clock::now() + limit * slowness;
        while (!done()) {
            if (std::chrono::steady_clock::now() >= deadline) return false;
            io.restart();  // it stops whenever it has nothing to do
            if (io.run_one_for(std::chrono::milliseconds(10)) == 0) std::this_thread::yield();
        }
        return true;
    }

    /// Calls `start` with a handler and returns what that is given.
    template <class T, class Start>
    completed<T> finish(Start start) {
        const auto result = std::make_shared<std::optional<completed<T>>>();
        start([result](std::error_code error, T value) {
            REQUIRE_FALSE(result->has_value());
            result->emplace(completed<T>{error, std::move(value)});
        });
        REQUIRE_FALSE(result->has_value());
        REQUIRE(until([&] { return result->has_value(); }, std::chrono::seconds(60)));
        return std::move(**result);
    }

    asio::io_context io{1};
};

}  // namespace memring::testing
