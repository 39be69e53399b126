#pragma once
// The hook for those who want to know what a client does: events as values, the concept of an
// observer, and what a connection keeps of one. Counts nothing itself; see metrics/metrics.hpp.

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <utility>

#include <memring/node.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// Commands were handed to a node's connection: they are queued, not necessarily written.
struct request_event {
    verb what = verb::get;
    std::uint32_t requests = 1;  ///< commands; more than one where a burst was encoded at once
    std::size_t bytes = 0;       ///< their encoded size
};

/// Commands are done with. Each command of a `request_event` is told of once, whatever became of
/// it; what a burst began may end in several events. The late reply to a command that was cancelled
/// or timed out is not told of again.
struct reply_event {
    verb what = verb::get;
    std::uint32_t requests = 1;  ///< commands; hits and misses are those of reads among them
    std::uint32_t hits = 0;
    std::uint32_t misses = 0;
    std::error_code error{};  ///< clear for an answer, a miss and "not stored" among them
    std::chrono::nanoseconds latency{0};  ///< from submission; 0 if the observer wants none
    std::size_t bytes = 0;                ///< encoded size of the reply; 0 if there was none
};

/// What becomes of a connection to a node.
enum class node_event_kind : std::uint8_t {
    connecting,      ///< a connect begins
    connected,       ///< it succeeded
    connect_failed,  ///< it failed, with `error`
    closed,          ///< an open connection is closed; `error` is clear if that was meant
    retired          ///< the node left the list; what is under way finishes, nothing follows
};

[[nodiscard]] constexpr const char* to_string(node_event_kind kind) noexcept {
    switch (kind) {
        case node_event_kind::connecting: return "connecting";
        case node_event_kind::connected: return "connected";
        case node_event_kind::connect_failed: return "connect failed";
        case node_event_kind::closed: return "closed";
        case node_event_kind::retired: return "retired";
    }
    return "unknown";
}

struct node_event {
    node_event_kind kind = node_event_kind::connecting;
    std::error_code error{};
};

/// Observes nothing and costs nothing: the default of a client.
struct no_observer {};

namespace detail {

template <class T, class... Where>
concept hears_requests = requires(T& hook, const Where&... where, const request_event& event) {
    hook.on_request(where..., event);
};
template <class T, class... Where>
concept hears_replies = requires(T& hook, const Where&... where, const reply_event& event) {
    hook.on_reply(where..., event);
};
template <class T, class... Where>
concept hears_node_events = requires(T& hook, const Where&... where, const node_event& event) {
    hook.on_node_event(where..., event);
};

// A hook that is there but takes something else would never be called: refused. A hook runs in the
// middle of a connection's work, where nothing may be thrown.
template <class T, class... Where>
concept hooks_are_sound =
    (!requires { &T::on_request; } || hears_requests<T, Where...>)&&(!requires {
        &T::on_reply;
    } || hears_replies<T, Where...>)&&(!requires {
        &T::on_node_event;
    } || hears_node_events<T, Where...>)&&(!hears_requests<T, Where...> ||
                                           requires(T & hook, const Where&... where,
                                                    const request_event& event) {
                                               { hook.on_request(where..., event) }
                                               noexcept;
                                           }) &&
    (!hears_replies<T, Where...> ||
     requires(T & hook, const Where&... where, const reply_event& event) {
         { hook.on_reply(where..., event) }
         noexcept;
     }) &&
    (!hears_node_events<T, Where...> ||
     requires(T & hook, const Where&... where, const node_event& event) {
         { hook.on_node_event(where..., event) }
         noexcept;
     });

template <class T>
concept watches_nodes = requires(const T& observer, const node& where) {
    observer.watch(where);
};

template <class T>
struct hooks_of {
    using type = T;
    static constexpr bool are_sound = hooks_are_sound<T, node>;
};
template <watches_nodes T>
struct hooks_of<T> {
    using type =
        std::remove_cvref_t<decltype(std::declval<const T&>().watch(std::declval<const node&>()))>;
    static constexpr bool are_sound = hooks_are_sound<type>;
};

template <class Hooks>
[[nodiscard]] consteval bool asks_for_latency() {
    if constexpr (requires { Hooks::wants_latency; }) {
        return Hooks::wants_latency;
    } else {
        return true;
    }
}

}  // namespace detail

/// Who hears of what a client does. Every member is optional, and noexcept:
///
///     struct my_observer {
///         void on_request(const memring::node&, const memring::request_event&) noexcept;
///         void on_reply(const memring::node&, const memring::reply_event&) noexcept;
///         void on_node_event(const memring::node&, const memring::node_event&) noexcept;
///     };
///
/// An observer that keeps something for each node has `watch(const node&) const` instead: it is
/// called once for each connection, and what it returns has the same members without the node.
/// Those whose `static constexpr bool wants_latency` is false spare the client the clock.
///
/// What the compiler cannot check: hooks are called on the client's executor, in the middle of its
/// work; they return soon and do not call the client. Every connection has its own copy of the
/// observer, so that what copies are to share is behind a pointer. Members that are overloaded or
/// templates are not checked for a wrong signature; they are never called then.
template <class T>
concept observer = std::copy_constructible<T> && detail::hooks_of<T>::are_sound;

/// What a connection keeps of an observer: an empty class whose members do nothing if there is
/// nothing to tell. `peer` outlives it and may change (a new address).
template <observer Observer>
class node_watch {
    using hooks_type = typename detail::hooks_of<Observer>::type;
    static constexpr bool has_own_node = detail::watches_nodes<Observer>;

    template <class... Where>
    struct hears {
        static constexpr bool requests = detail::hears_requests<hooks_type, Where...>;
        static constexpr bool replies = detail::hears_replies<hooks_type, Where...>;
        static constexpr bool node_events = detail::hears_node_events<hooks_type, Where...>;
    };
    using told = std::conditional_t<has_own_node, hears<>, hears<node>>;

public:
    static constexpr bool wants_requests = told::requests;
    static constexpr bool wants_replies = told::replies;
    static constexpr bool wants_node_events = told::node_events;
    /// Whether `reply_event::latency` is looked at: else nobody need read a clock.
    static constexpr bool wants_latency = wants_replies && detail::asks_for_latency<hooks_type>();
    /// Whether no event is heard: else nobody need make one.
    static constexpr bool is_silent = !wants_requests && !wants_replies && !wants_node_events;

    node_watch(const Observer& watched_by, const node& peer) requires(!is_silent && has_own_node)
        : x_hooks(watched_by.watch(peer)) {}
    node_watch(const Observer& watched_by, const node& peer) requires(!is_silent && !has_own_node)
        : x_hooks(watched_by), x_peer{&peer} {}
    constexpr node_watch(const Observer&, const node&) noexcept requires is_silent {}

    constexpr void on_request([[maybe_unused]] const request_event& event) noexcept {
        if constexpr (wants_requests && has_own_node) x_hooks.on_request(event);
        if constexpr (wants_requests && !has_own_node) x_hooks.on_request(*x_peer.where, event);
    }
    constexpr void on_reply([[maybe_unused]] const reply_event& event) noexcept {
        if constexpr (wants_replies && has_own_node) x_hooks.on_reply(event);
        if constexpr (wants_replies && !has_own_node) x_hooks.on_reply(*x_peer.where, event);
    }
    constexpr void on_node_event([[maybe_unused]] const node_event& event) noexcept {
        if constexpr (wants_node_events && has_own_node) x_hooks.on_node_event(event);
        if constexpr (wants_node_events && !has_own_node)
            x_hooks.on_node_event(*x_peer.where, event);
    }

private:
    // Two types: empty members of one type would take an address, and a byte, each.
    struct no_hooks {};
    struct no_peer {};
    struct peer_pointer {
        const node* where;
    };

    [[no_unique_address]] std::conditional_t<is_silent, no_hooks, hooks_type> x_hooks;
    [[no_unique_address]] std::conditional_t<is_silent || has_own_node, no_peer, peer_pointer>
        x_peer;
};

static_assert(observer<no_observer>);

}  // namespace memring
