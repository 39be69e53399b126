#pragma once
// A reference to something callable, for options: it owns nothing, because GCC 12 destroys owning
// temporaries twice when they are written in a co_await.

#include <type_traits>
#include <utility>

namespace memring {

template <class Signature>
class callable_ref;

/// Refers to a named callable, which must outlive whoever calls it: `{.on_progress = show}`.
/// Empty by default; calling an empty one is a precondition violation.
template <class Result, class... Arguments>
class callable_ref<Result(Arguments...)> {
public:
    callable_ref() noexcept = default;

    template <class Callable>
    requires(!std::is_same_v<std::remove_const_t<Callable>, callable_ref> &&
             std::is_invocable_r_v<Result, Callable&, Arguments...>)
        callable_ref(Callable& callable)
    noexcept  // NOLINT(google-explicit-constructor)
        : x_object(const_cast<void*>(static_cast<const void*>(&callable))),
          x_call([](void* object, Arguments... arguments) -> Result {
              return (*static_cast<Callable*>(object))(std::forward<Arguments>(arguments)...);
          }) {}

    [[nodiscard]] explicit operator bool() const noexcept { return x_call != nullptr; }

    Result operator()(Arguments... arguments) const {
        return x_call(x_object, std::forward<Arguments>(arguments)...);
    }

private:
    void* x_object = nullptr;
    Result (*x_call)(void*, Arguments...) = nullptr;
};

}  // namespace memring
