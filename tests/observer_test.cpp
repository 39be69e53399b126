#include <memring/observer.hpp>

#include <bit>
#include <cstddef>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

using namespace memring;

namespace {

// What it heard, in the order in which it heard it; shared by its copies.
struct log_of_events {
    std::vector<std::string>* lines;

    void on_request(const node& where, const request_event& event) noexcept {
        lines->push_back(where.host + " asked " + std::to_string(event.requests));
    }
    void on_reply(const node& where, const reply_event& event) noexcept {
        lines->push_back(where.host + " hits " + std::to_string(event.hits));
    }
    void on_node_event(const node& where, const node_event& event) noexcept {
        lines->push_back(where.host + " " + to_string(event.kind));
    }
};

// Keeps something for each node.
struct counter_of_node {
    std::size_t* replies;
    static constexpr bool wants_latency = false;
    void on_reply(const reply_event& event) noexcept { *replies += event.requests; }
};
struct counting_observer {
    std::size_t* replies;
    std::vector<std::string>* watched;
    [[nodiscard]] counter_of_node watch(const node& where) const {
        watched->push_back(where.host);
        return {replies};
    }
};

struct deaf_to_replies {
    void on_node_event(const node&, const node_event&) noexcept {}
};
struct stateless {
    void on_reply(const node&, const reply_event&) noexcept {}
};
struct with_nothing_to_tell {
    [[nodiscard]] no_observer watch(const node&) const noexcept { return {}; }
};

struct may_throw {
    void on_reply(const node&, const reply_event&) {}
};
struct takes_another_event {
    void on_reply(const node&, const request_event&) noexcept {}
};
struct forgets_the_node {
    void on_request(const request_event&) noexcept {}
};
struct not_copyable {
    not_copyable() = default;
    not_copyable(const not_copyable&) = delete;
};
struct watch_may_throw_later {
    struct hooks {
        void on_reply(const reply_event&) {}
    };
    [[nodiscard]] hooks watch(const node&) const { return {}; }
};

static_assert(observer<no_observer>);
static_assert(observer<log_of_events>);
static_assert(observer<counting_observer>);
static_assert(observer<deaf_to_replies>);
static_assert(!observer<may_throw>);
static_assert(!observer<takes_another_event>);
static_assert(!observer<forgets_the_node>);
static_assert(!observer<not_copyable>);
static_assert(!observer<watch_may_throw_later>);

// Unused, the hook is no member, no call and no event.
template <class Observer>
struct connection_with {
    const void* pointer;
    [[no_unique_address]] node_watch<Observer> watch;
};
static_assert(std::is_empty_v<node_watch<no_observer>>);
static_assert(std::is_empty_v<node_watch<with_nothing_to_tell>>);
static_assert(std::is_trivially_copyable_v<node_watch<no_observer>>);
static_assert(std::is_trivially_destructible_v<node_watch<no_observer>>);
static_assert(sizeof(connection_with<no_observer>) == sizeof(void*));
static_assert(node_watch<no_observer>::is_silent && node_watch<with_nothing_to_tell>::is_silent);
static_assert(!node_watch<no_observer>::wants_latency);

static_assert(sizeof(node_watch<stateless>) == sizeof(void*));
static_assert(!node_watch<log_of_events>::is_silent && node_watch<log_of_events>::wants_latency);
static_assert(!node_watch<counting_observer>::is_silent);
static_assert(!node_watch<counting_observer>::wants_latency);
static_assert(!node_watch<counting_observer>::wants_requests);
static_assert(!node_watch<deaf_to_replies>::wants_latency);
static_assert(!node_watch<deaf_to_replies>::wants_replies);

template <class Watch>
void tell_everything(Watch& watch) noexcept {
    watch.on_node_event({.kind = node_event_kind::connecting});
    watch.on_request({.what = verb::get, .requests = 3});
    watch.on_reply({.what = verb::get, .requests = 3, .hits = 2, .misses = 1});
}

// A constant expression reads and writes nothing that outlives it: no call is left to run.
consteval bool silent_calls_are_constant(node_watch<no_observer> watch) {
    watch.on_request({});
    return true;
}
static_assert(silent_calls_are_constant(std::bit_cast<node_watch<no_observer>>(no_observer{})));

}  // namespace

TEST_CASE("an observer hears of each event with its node") {
    std::vector<std::string> lines;
    const node peer{"a"};
    node_watch<log_of_events> watch({&lines}, peer);
    tell_everything(watch);
    CHECK(lines == std::vector<std::string>{"a connecting", "a asked 3", "a hits 2"});
}

TEST_CASE("an observer is told the node as it is now") {
    std::vector<std::string> lines;
    node peer{"a"};
    node_watch<log_of_events> watch({&lines}, peer);
    peer.host = "b";
    watch.on_request({});
    CHECK(lines == std::vector<std::string>{"b asked 1"});
}

TEST_CASE("an observer with a watch is asked for it once for each connection") {
    std::vector<std::string> watched;
    std::size_t replies = 0;
    const counting_observer observer{&replies, &watched};
    node_watch<counting_observer> first(observer, node{"a"});
    node_watch<counting_observer> second(observer, node{"b"});
    tell_everything(first);
    tell_everything(second);
    tell_everything(first);
    CHECK(watched == std::vector<std::string>{"a", "b"});
    CHECK(replies == 9);
}

TEST_CASE("hooks that an observer lacks are left out") {
    node_watch<deaf_to_replies> watch({}, node{"a"});
    tell_everything(watch);
    node_watch<no_observer> silent({}, node{"a"});
    tell_everything(silent);
}

TEST_CASE("kinds of node events have a name each") {
    CHECK(std::string(to_string(node_event_kind::connected)) == "connected");
    CHECK(std::string(to_string(node_event_kind::connect_failed)) == "connect failed");
    CHECK(std::string(to_string(node_event_kind::closed)) == "closed");
    CHECK(std::string(to_string(node_event_kind::retired)) == "retired");
}
