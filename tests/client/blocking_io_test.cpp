// The blocking client takes what the client takes: an observer, a topology that is ready, functions
// that can only be moved.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/detail/compute_handler.hpp>
#include <memring/detail/typed_functions.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/observer.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_transport.hpp>
#include <memring/typed_blocking_client.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

#include "../support/clients.hpp"

namespace {

using namespace memring;
using namespace memring::testing;

struct counting_replies {
    std::size_t* replies = nullptr;
    void on_reply(const node&, const reply_event& event) noexcept { *replies += event.requests; }
};
using client_type = client<ketama, memory_transport, counting_replies>;
using blocking_type = blocking_client<client_type>;

struct servers {
    servers() {
        network->add({"a"});
        network->add({"b"});
    }
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    std::size_t replies = 0;
    counting_replies counter{&replies};
};

using gives_view = std::string_view (*)();
using gives_string = std::string (*)();

}  // namespace

TEST_CASE("a blocking client has an observer, whatever its nodes come from") {
    servers s;
    blocking_type of_list({{"a"}}, {}, {s.network}, s.counter);
    of_list.set("k", "value");
    CHECK(s.replies == 1);
    blocking_type of_policy({{"a"}}, {}, {s.network}, ketama(), s.counter);
    of_policy.set("k", "value");
    CHECK(s.replies == 2);
}

TEST_CASE("a blocking client is given a topology that is ready") {
    servers s;
    blocking_type cache({{"a"}}, {}, {s.network}, s.counter);
    const auto ready = std::make_shared<const topology<ketama>>(std::vector<node>{{"b"}});
    CHECK_FALSE(cache.update(ready));
    CHECK(cache.async().topology_now() == ready);
    cache.set("k", "value");
    CHECK(s.network->server({"b"}).peek("k"));
}

TEST_CASE("functions that can only be moved are taken by each form") {
    servers s;
    blocking_type cache({{"a"}}, {}, {s.network}, s.counter);
    typed_blocking_client<blocking_type> typed(cache);
    const auto changing = [] {
        return [text = std::make_unique<std::string>("1")](const auto&) {
            return std::optional<std::string>(*text);
        };
    };
    const auto computing = [] {
        return [text = std::make_unique<std::string>("2")] { return *text; };
    };
    std::error_code error;
    CHECK(cache.update("a", changing())->value == "1");
    CHECK(cache.update("b", changing(), error)->value == "1");
    CHECK(cache.get_or_compute("c", computing()).value == "2");
    CHECK(cache.get_or_compute("d", computing(), error).value == "2");
    CHECK(typed.update<std::string>("e", changing())->value == "1");
    CHECK(typed.update<std::string>("f", changing(), error)->value == "1");
    CHECK(typed.get_or_compute<std::string>("g", computing()).value == "2");
    CHECK(typed.get_or_compute<std::string>("h", computing(), error).value == "2");
    CHECK_FALSE(error);
}

TEST_CASE("a function that computes returns a value or takes a way back") {
    const auto later = [](auto done) { done({}, "value"); };
    const auto number_later = [](auto done) { done({}, 1); };
    const auto number = [] { return 1; };
    const auto nothing = [] {};
    CHECK(memring::detail::compute_function<gives_string>);
    CHECK(memring::detail::compute_function<decltype(later)>);
    CHECK_FALSE(memring::detail::compute_function<gives_view>);
    CHECK_FALSE(memring::detail::compute_function<decltype(nothing)>);
    CHECK(memring::detail::typed_compute_function<decltype(number), int, dialect::native>);
    CHECK(memring::detail::typed_compute_function<decltype(number_later), int, dialect::native>);
    CHECK_FALSE(memring::detail::typed_compute_function<gives_view, int, dialect::native>);
}
