// Typed operations over a client: what they store, what they read, and that tokens, executors and
// cancellation are those of the client underneath.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <asio/version.hpp>
#if ASIO_VERSION < 102300
#include <asio/experimental/deferred.hpp>
namespace lazy = asio::experimental;
#else
#include <asio/deferred.hpp>
namespace lazy = asio;
#endif

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/typed_blocking_client.hpp>
#include <memring/typed_client.hpp>
#include <memring/values/dialect/native.hpp>
#include <memring/values/dialect/php.hpp>
#include <memring/values/dialect/python.hpp>
#include <memring/values/zlib.hpp>

#include "../support/completions.hpp"
#include "../support/memory_cluster.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::memory_cluster;
using memring::testing::memory_network;
using memring::testing::recorder;
using memring::testing::runs_out_of_work;

using memory_client = memory_cluster::client_type;
using zipped_pylibmc = compressed<dialect::pylibmc, zlib_values>;

struct point {
    int x = 0;
    int y = 0;
    friend bool operator==(const point&, const point&) = default;
};

struct fixture : memory_cluster {
    fixture() : memory_cluster({{"a"}, {"b"}}) {}
};

template <class Dialect>
struct blocking_fixture {
    using client_type = blocking_client<memory_client>;

    blocking_fixture() { network->add({"a"}); }

    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    client_type underneath{{{"a"}}, {}, {network}};
    typed_blocking_client<client_type, Dialect> cache{underneath};
};

template <class T>
using found = std::optional<typed_item<T>>;

// An allocator that counts what it is asked for.
template <class T>
struct counting_allocator {
    using value_type = T;
    explicit counting_allocator(int& count) noexcept : allocations(&count) {}
    template <class U>
    counting_allocator(const counting_allocator<U>& other) noexcept  // NOLINT
        : allocations(other.allocations) {}
    T* allocate(std::size_t n) {
        ++*allocations;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept { std::allocator<T>().deallocate(p, n); }
    friend bool operator==(const counting_allocator&, const counting_allocator&) = default;
    int* allocations;
};

template <class Result>
struct counted_handler {
    using allocator_type = counting_allocator<char>;
    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type(*count); }
    void operator()(std::error_code error, Result result) { then(error, std::move(result)); }
    int* count;
    recorder<Result> then;
};

}  // namespace

template <>
inline constexpr bool memring::stored_as_object<point> = true;

TEST_CASE("a typed value is stored with the flags of its dialect and read back as its type") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    recorder<store_result> stored;
    cache.async_set("n", -42, stored);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(stored->value == store_result::stored);

    recorder<std::optional<item>> raw;
    recorder<found<int>> number;
    recorder<found<value>> any;
    recorder<found<std::string>> text;
    recorder<found<int>> missing;
    f.cache->async_get("n", raw);
    cache.async_get<int>("n", number);
    cache.async_get<value>("n", any);
    cache.async_get<std::string>("n", text);
    cache.async_get<int>("absent", missing);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(raw->value.has_value());
    CHECK(raw->value->value == "-42");
    CHECK(raw->value->flags == dialect::python_flag::long_integer);
    REQUIRE(number->value.has_value());
    CHECK(number->value->value == -42);
    CHECK(number->value->flags == dialect::python_flag::long_integer);
    CHECK(number->value->cas == raw->value->cas);
    REQUIRE(any->value.has_value());
    CHECK(any->value->value == value(std::int64_t{-42}));
    CHECK(text->error == errc::wrong_value_type);
    CHECK(!text->value.has_value());
    CHECK(missing.is_done());
    CHECK(!missing->error);
    CHECK(!missing->value.has_value());
}

TEST_CASE("add, replace, compare-and-swap and get-and-touch keep their meaning with types") {
    fixture f;
    typed_client<memory_client> cache(*f.cache);
    recorder<store_result> added;
    recorder<store_result> added_again;
    recorder<store_result> replaced;
    recorder<store_result> not_replaced;
    cache.async_add("p", point{1, 2}, added);
    cache.async_add("p", point{3, 4}, added_again);
    cache.async_replace("p", point{5, 6}, store_options{.expires_in = 100s}, replaced);
    cache.async_replace("absent", point{}, not_replaced);
    recorder<found<point>> read;
    cache.async_get_and_touch<point>("p", 200s, read);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(added->value == store_result::stored);
    CHECK(added_again->value == store_result::not_stored);
    CHECK(replaced->value == store_result::stored);
    CHECK(not_replaced->value == store_result::not_stored);
    REQUIRE(read->value.has_value());
    CHECK(read->value->value == point{5, 6});

    recorder<store_result> swapped;
    recorder<store_result> swapped_late;
    cache.async_compare_and_swap("p", point{7, 8}, read->value->cas, swapped);
    cache.async_compare_and_swap("p", point{9, 9}, read->value->cas, swapped_late);
    recorder<found<point>> last;
    cache.async_get<point>("p", last);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(swapped->value == store_result::stored);
    CHECK(swapped_late->value == store_result::exists);
    REQUIRE(last->value.has_value());
    CHECK(last->value->value == point{7, 8});
}

TEST_CASE("what the dialect cannot write completes later with its error, and nothing is sent") {
    fixture f;
    typed_client<memory_client, dialect::php_memcached> cache(*f.cache);
    const auto steps = f.network->steps();
    std::vector<recorder<store_result>> refused(4);
    constexpr auto too_large = std::numeric_limits<std::uint64_t>::max();
    cache.async_set("k", too_large, refused[0]);
    cache.async_add("k", too_large, refused[1]);
    cache.async_replace("k", too_large, refused[2]);
    cache.async_compare_and_swap("k", too_large, 7, refused[3]);
    for (const auto& each : refused) CHECK(each->calls == 0);
    REQUIRE(runs_out_of_work(f.io));
    for (const auto& each : refused) {
        CHECK(each.is_done());
        CHECK(each->error == errc::unsupported);
    }
    CHECK(f.network->steps() == steps);
}

TEST_CASE("a refused store completes on the executor of its handler") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    auto strand = asio::make_strand(f.io);
    bool is_in_strand = false;
    cache.async_set("k", "\xff",
                    asio::bind_executor(strand, [&](std::error_code error, store_result) {
                        is_in_strand = strand.running_in_this_thread();
                        CHECK(error == errc::malformed_value);
                    }));
    REQUIRE(runs_out_of_work(f.io));
    CHECK(is_in_strand);
}

TEST_CASE("a read completes on the executor, and with the allocator, of its handler") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    auto strand = asio::make_strand(f.io);
    bool is_in_strand = false;
    cache.async_get<int>("k", asio::bind_executor(strand, [&](std::error_code, const found<int>&) {
                             is_in_strand = strand.running_in_this_thread();
                         }));
    int allocations = 0;
    recorder<found<int>> counted;
    cache.async_get<int>("k", counted_handler<found<int>>{&allocations, counted});
    CHECK(allocations > 0);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(is_in_strand);
    CHECK(counted.is_done());
}

TEST_CASE("a cancelled typed operation completes with operation_aborted") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    asio::cancellation_signal read;
    asio::cancellation_signal store;
    asio::cancellation_signal many;
    recorder<found<int>> not_read;
    recorder<store_result> not_stored;
    recorder<std::vector<outcome<store_result>>> none_stored;
    const std::vector<typed_entry<int>> entries{{"a", 1}, {"b", 2}};
    cache.async_get<int>("k", asio::bind_cancellation_slot(read.slot(), not_read));
    cache.async_set("k", 5, asio::bind_cancellation_slot(store.slot(), not_stored));
    cache.async_set_many(std::span(entries),
                         asio::bind_cancellation_slot(many.slot(), none_stored));
    read.emit(asio::cancellation_type::total);
    store.emit(asio::cancellation_type::total);
    many.emit(asio::cancellation_type::total);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(not_read.is_done());
    CHECK(not_read->error == asio::error::operation_aborted);
    CHECK(not_stored.is_done());
    CHECK(not_stored->error == asio::error::operation_aborted);
    CHECK(none_stored.is_done());
    CHECK(none_stored->error == asio::error::operation_aborted);
    CHECK(none_stored->value.size() == 2);
}

TEST_CASE("of many keys each is read as its type or has its own error") {
    fixture f;
    typed_client<memory_client, zipped_pylibmc> cache(*f.cache);
    const std::string long_text(5000, 'x');
    const std::vector<typed_entry<value>> entries{
        {"text", value("short")},           {"long", value(long_text)},
        {"number", value(std::int64_t{7})}, {"bad", value(std::string("\xff"))},
        {"other", value("also short")},
    };
    recorder<std::vector<outcome<store_result>>> stored;
    cache.async_set_many(std::span(entries), {.expires_in = 100s}, stored);
    CHECK(stored->calls == 0);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(stored.is_done());
    CHECK(!stored->error);
    REQUIRE(stored->value.size() == 5);
    for (const std::size_t i : {0u, 1u, 2u, 4u}) {
        CAPTURE(i);
        CHECK(!stored->value[i].error);
        CHECK(stored->value[i].value == store_result::stored);
    }
    CHECK(stored->value[3].error == errc::malformed_value);

    const std::array<std::string_view, 5> keys{"text", "long", "number", "bad", "other"};
    recorder<std::vector<outcome<found<std::string>>>> read;
    cache.async_get_many<std::string>(keys, read);
    recorder<std::optional<item>> raw;
    f.cache->async_get("long", raw);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(read->value.size() == 5);
    CHECK(read->value[0].value->value == "short");
    CHECK(read->value[1].value->value == long_text);
    CHECK(read->value[2].error == errc::wrong_value_type);
    CHECK(!read->value[2].value.has_value());
    CHECK(!read->value[3].error);
    CHECK(!read->value[3].value.has_value());
    CHECK(read->value[4].value->value == "also short");
    CHECK(raw->value->value.size() < 100);
    CHECK(raw->value->flags == (dialect::python_flag::text | dialect::python_flag::zlib));
}

TEST_CASE("a store of many without any entry, or without any that can be encoded, completes") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    recorder<std::vector<outcome<store_result>>> empty;
    recorder<std::vector<outcome<store_result>>> refused;
    const std::vector<typed_entry<std::string>> bad{{"k", "\xff"}};
    cache.async_set_many(std::span<const typed_entry<std::string>>(), empty);
    cache.async_set_many(std::span(bad), refused);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(empty.is_done());
    CHECK(!empty->error);
    REQUIRE(refused.is_done());
    REQUIRE(refused->value.size() == 1);
    CHECK(refused->value[0].error == errc::malformed_value);
}

TEST_CASE("of a key given twice the later value stays, also where flags differ") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    const std::vector<typed_entry<value>> entries{{"other", value(std::int64_t{0})},
                                                  {"k", value("text")},
                                                  {"k", value(std::int64_t{1})},
                                                  {"k", value("more text")},
                                                  {"k", value(std::int64_t{2})}};
    recorder<std::vector<outcome<store_result>>> stored;
    cache.async_set_many(std::span(entries), stored);
    REQUIRE(runs_out_of_work(f.io));
    for (const auto& each : stored->value) CHECK(each.value == store_result::stored);
    CHECK(f.peek("k")->value == "2");
    CHECK(f.peek("k")->flags == dialect::python_flag::long_integer);
}

TEST_CASE("the other stores of many, and get-and-touch, keep their meaning with types") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    using results = std::vector<outcome<store_result>>;
    const std::vector<typed_entry<value>> entries{
        {"n", value(std::int64_t{1})}, {"t", value("text")}, {"bad", value(std::string("\xff"))}};
    recorder<results> replaced;
    recorder<results> added;
    recorder<results> added_again;
    cache.async_replace_many(std::span(entries), replaced);
    cache.async_add_many(std::span(entries), {.expires_in = 100s}, added);
    REQUIRE(runs_out_of_work(f.io));
    cache.async_add_many(std::span(entries), added_again);
    REQUIRE(runs_out_of_work(f.io));
    for (const auto* got : {&replaced->value, &added->value, &added_again->value}) {
        REQUIRE(got->size() == 3);
        CHECK((*got)[2].error == errc::malformed_value);
    }
    for (const std::size_t i : {0u, 1u}) {
        CAPTURE(i);
        CHECK(replaced->value[i].value == store_result::not_stored);
        CHECK(added->value[i].value == store_result::stored);
        CHECK(added_again->value[i].value == store_result::not_stored);
    }
    CHECK(f.peek("n")->flags == dialect::python_flag::long_integer);
    CHECK(f.peek("t")->flags == dialect::python_flag::text);

    const std::array<std::string_view, 3> keys{"n", "t", "absent"};
    recorder<std::vector<outcome<found<std::int64_t>>>> touched;
    cache.async_get_and_touch_many<std::int64_t>(keys, 200s, touched);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(touched->value.size() == 3);
    REQUIRE(touched->value[0].value.has_value());
    CHECK(touched->value[0].value->value == 1);
    CHECK(touched->value[1].error == errc::wrong_value_type);
    CHECK(!touched->value[2].value.has_value());

    const auto cas = touched->value[0].value->cas;
    const std::vector<typed_entry<std::int64_t>> swaps{
        {"n", 2, cas}, {"t", 3, 999'999'999}, {"absent", 4, 7}};
    recorder<results> swapped;
    cache.async_compare_and_swap_many(std::span(swaps), swapped);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(swapped->value.size() == 3);
    CHECK(swapped->value[0].value == store_result::stored);
    CHECK(swapped->value[1].value == store_result::exists);
    CHECK(swapped->value[2].value == store_result::not_found);
    CHECK(f.peek("n")->value == "2");
}

TEST_CASE("a client destroyed while batches are under way completes them all, once") {
    fixture f;
    auto owned = std::make_unique<memory_client>(std::move(*f.cache));
    recorder<std::vector<outcome<store_result>>> stored;
    {
        typed_client<memory_client, dialect::pymemcache> cache(*owned);
        const std::vector<typed_entry<value>> entries{{"a", value("text")},
                                                      {"b", value(std::int64_t{1})}};
        cache.async_set_many(std::span(entries), stored);
    }
    owned.reset();
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(stored.is_done());
    REQUIRE(stored->value.size() == 2);
    for (const auto& each : stored->value) CHECK(each.error == asio::error::operation_aborted);
}

TEST_CASE("typed operations work with futures, coroutines and lazy tokens") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    auto stored = cache.async_set("k", 1.5, asio::use_future);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(stored.get() == store_result::stored);

    double read = 0;
    bool is_refused = false;
    asio::co_spawn(
        f.io,
        [&]() -> asio::awaitable<void> {
            const auto hit = co_await cache.async_get<double>("k", asio::use_awaitable);
            if (hit) read = hit->value;
            co_await cache.async_set("raw", bytes{std::string(100, 'b')}, asio::use_awaitable);
            const auto raw = co_await cache.async_get<bytes>("raw", asio::use_awaitable);
            CHECK(raw->value.data == std::string(100, 'b'));
            try {
                co_await cache.async_set("k", std::string("\xff"), asio::use_awaitable);
            } catch (const std::system_error& refused) {
                is_refused = refused.code() == errc::malformed_value;
            }
        },
        [](std::exception_ptr) {});
    REQUIRE(runs_out_of_work(f.io));
    CHECK(read == 1.5);
    CHECK(is_refused);

    // What is read during the call may be gone when the operation starts.
    std::string key = "a_key_that_is_too_long_to_be_held_in_place";
    auto later = cache.async_set(std::string_view(key), std::string("later"), lazy::deferred);
    key.assign(key.size(), 'x');
    recorder<store_result> late;
    std::move(later)(late);
    recorder<found<std::string>> text;
    cache.async_get<std::string>("a_key_that_is_too_long_to_be_held_in_place", text);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(late->value == store_result::stored);
    REQUIRE(text->value.has_value());
    CHECK(text->value->value == "later");
}

TEST_CASE("the typed blocking client returns values, or reports why not") {
    blocking_fixture<zipped_pylibmc> f;
    auto& cache = f.cache;
    CHECK(cache.set("n", 41) == store_result::stored);
    CHECK(cache.add("n", 1) == store_result::not_stored);
    CHECK(cache.replace("n", 42) == store_result::stored);
    const auto hit = cache.get<std::int64_t>("n");
    REQUIRE(hit.has_value());
    CHECK(hit->value == 42);
    CHECK(cache.compare_and_swap("n", 43, hit->cas) == store_result::stored);
    CHECK(cache.compare_and_swap("n", 44, hit->cas) == store_result::exists);
    CHECK(cache.get_and_touch<int>("n", 10s)->value == 43);
    CHECK(!cache.get<int>("absent").has_value());

    std::error_code error;
    CHECK(!cache.get<std::string>("n", error).has_value());
    CHECK(error == errc::wrong_value_type);
    CHECK_THROWS_AS((void)cache.get<std::string>("n"), std::system_error);
    (void)cache.set("n", std::string("\xff"), error);
    CHECK(error == errc::malformed_value);
    CHECK(cache.get<int>("n", error)->value == 43);
    CHECK(!error);

    const std::vector<typed_entry<std::string>> entries{
        {"short", "s"}, {"long", std::string(5000, 'l')}, {"bad", "\xff"}};
    const auto stored = cache.set_many(std::span(entries));
    REQUIRE(stored.size() == 3);
    CHECK(stored[0].value == store_result::stored);
    CHECK(stored[1].value == store_result::stored);
    CHECK(stored[2].error == errc::malformed_value);
    const std::array<std::string_view, 3> keys{"short", "long", "n"};
    const auto read = cache.get_many<std::string>(keys);
    REQUIRE(read.size() == 3);
    CHECK(read[0].value->value == "s");
    CHECK(read[1].value->value.size() == 5000);
    CHECK(read[2].error == errc::wrong_value_type);
}

// ---- operations of several commands -------------------------------------------------------------

TEST_CASE("a typed update is given what is there as its type, and stores what it returns") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    std::vector<found<int>> given;
    const auto count = [&](const found<int>& now) {
        given.push_back(now);
        return now ? now->value + 1 : 41;
    };
    recorder<found<int>> made;
    recorder<found<int>> changed;
    cache.async_update<int>("n", count, made);
    REQUIRE(runs_out_of_work(f.io));
    cache.async_update<int>("n", count, {.expires_in = 100s}, changed);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(given.size() == 2);
    CHECK(!given[0].has_value());
    REQUIRE(given[1].has_value());
    CHECK(given[1]->value == 41);
    REQUIRE(made->value.has_value());
    CHECK(made->value->value == 41);
    CHECK(made->value->flags == dialect::python_flag::long_integer);
    REQUIRE(changed->value.has_value());
    CHECK(changed->value->value == 42);
    const auto stored = f.peek("n");
    REQUIRE(stored.has_value());
    CHECK(stored->value == "42");
    CHECK(stored->flags == dialect::python_flag::long_integer);
    CHECK(stored->expires_at > 0);
    CHECK(stored->cas == changed->value->cas);
}

TEST_CASE("a typed update replaces the flags of what was there") {
    fixture f;
    typed_client<memory_client, zipped_pylibmc> cache(*f.cache);
    recorder<store_result> stored;
    cache.async_set("v", std::string(5000, 'x'), stored);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(f.peek("v")->flags == (dialect::python_flag::text | dialect::python_flag::zlib));

    recorder<found<std::string>> shorter;
    cache.async_update<std::string>(
        "v", [](const found<std::string>& now) { return now->value.substr(0, 3); }, shorter);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(shorter->value.has_value());
    CHECK(shorter->value->value == "xxx");
    CHECK(f.peek("v")->flags == dialect::python_flag::text);
    CHECK(f.peek("v")->value == "xxx");

    recorder<found<value>> number;
    cache.async_update<value>(
        "v", [](const found<value>&) { return value(std::int64_t{7}); }, {.flags = 0x100}, number);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(f.peek("v")->flags == (dialect::python_flag::long_integer | 0x100u));
}

TEST_CASE("a typed update that returns nothing leaves the item, or its absence") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    f.put("n", {.value = "5", .flags = dialect::python_flag::long_integer});
    const auto leave = [](const found<int>&) -> std::optional<int> { return std::nullopt; };
    recorder<found<int>> present;
    recorder<found<int>> absent;
    cache.async_update<int>("n", leave, present);
    cache.async_update<int>("absent", leave, absent);
    REQUIRE(runs_out_of_work(f.io));
    REQUIRE(present->value.has_value());
    CHECK(present->value->value == 5);
    CHECK(absent.is_done());
    CHECK(!absent->error);
    CHECK(!absent->value.has_value());
    CHECK(!f.peek("absent").has_value());
}

TEST_CASE("a typed update calls its function again when somebody else was faster") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    f.put("n", {.value = "1", .flags = dialect::python_flag::long_integer});
    int calls = 0;
    recorder<found<int>> done;
    cache.async_update<int>(
        "n",
        [&](const found<int>& now) {
            if (++calls == 1)
                f.put("n", {.value = "100", .flags = dialect::python_flag::long_integer});
            return now->value + 1;
        },
        done);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(calls == 2);
    CHECK(!done->error);
    REQUIRE(done->value.has_value());
    CHECK(done->value->value == 101);
    CHECK(f.peek("n")->value == "101");
}

TEST_CASE("a typed update of what cannot be read is the error of a get, and stores nothing") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    f.put("pickle", {.value = "(pickled)", .flags = dialect::python_flag::pickle});
    f.put("text", {.value = "words", .flags = dialect::python_flag::text});
    f.put("bad", {.value = "12x", .flags = dialect::python_flag::long_integer});
    const std::array<std::pair<const char*, errc>, 3> unreadable{{{"pickle", errc::foreign_value},
                                                                  {"text", errc::wrong_value_type},
                                                                  {"bad", errc::malformed_value}}};
    for (const auto& [key, expected] : unreadable) {
        const std::string_view name = key;
        CAPTURE(name);
        const auto before = f.peek(name);
        int calls = 0;
        recorder<found<int>> done;
        cache.async_update<int>(
            name,
            [&](const found<int>&) {
                ++calls;
                return 1;
            },
            done);
        REQUIRE(runs_out_of_work(f.io));
        CHECK(done.is_done());
        CHECK(done->error == expected);
        CHECK(!done->value.has_value());
        CHECK(calls == 0);
        CHECK(f.peek(name)->value == before->value);
        CHECK(f.peek(name)->cas == before->cas);
    }
}

TEST_CASE("a typed update whose new value cannot be written is that error, and stores nothing") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    recorder<found<std::string>> done;
    cache.async_update<std::string>(
        "k", [](const found<std::string>&) { return "\xff"; }, done);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(done->error == errc::malformed_value);
    CHECK(!f.peek("k").has_value());
}

TEST_CASE("a typed value is computed on a miss, at once or later, and then hit") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    recorder<typed_cached_value<int>> at_once;
    recorder<typed_cached_value<double>> later;
    cache.async_get_or_compute<int>(
        "n", [] { return 42; }, {.expires_in = 100s}, at_once);
    std::function<void(std::error_code, double)> answer;
    cache.async_get_or_compute<double>(
        "d", [&](auto done) { answer = done; }, later);
    while (!answer || !at_once.is_done()) REQUIRE(f.io.run_one() == 1);  // it stays busy
    CHECK(!at_once->error);
    CHECK(at_once->value.value == 42);
    CHECK(at_once->value.source == value_source::computed);
    CHECK(at_once->value.is_stored);
    CHECK(at_once->value.flags == dialect::python_flag::long_integer);
    CHECK(f.peek("n")->value == "42");
    CHECK(f.peek("n")->flags == dialect::python_flag::long_integer);
    CHECK(f.peek("n")->expires_at > 0);

    REQUIRE(answer);
    CHECK(later->calls == 0);
    answer({}, 1.5);
    answer = nullptr;
    CHECK(later->calls == 0);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(!later->error);
    CHECK(later->value.value == 1.5);

    recorder<typed_cached_value<int>> hit;
    cache.async_get_or_compute<int>(
        "n", [] { return 0; }, hit);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(hit->value.value == 42);
    CHECK(hit->value.source == value_source::hit);
}

TEST_CASE("an error of a typed computation is the operation's, and the next caller computes") {
    fixture f;
    typed_client<memory_client, dialect::pymemcache> cache(*f.cache);
    recorder<typed_cached_value<std::string>> failed;
    recorder<typed_cached_value<std::string>> dropped;
    recorder<typed_cached_value<std::string>> unwritable;
    recorder<typed_cached_value<std::string>> unwritable_later;
    cache.async_get_or_compute<std::string>(
        "failed", [](auto done) { done(make_error_code(errc::server_error), {}); }, failed);
    cache.async_get_or_compute<std::string>(
        "dropped", [](auto) {}, dropped);
    cache.async_get_or_compute<std::string>(
        "unwritable", [] { return "\xff"; }, unwritable);
    cache.async_get_or_compute<std::string>(
        "later", [](auto done) { done({}, "\xff"); }, unwritable_later);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(failed->error == errc::server_error);
    CHECK(dropped->error == asio::error::operation_aborted);
    CHECK(unwritable->error == errc::malformed_value);
    CHECK(unwritable_later->error == errc::malformed_value);
    for (const char* key : {"failed", "dropped", "unwritable", "later"}) {
        CAPTURE(key);
        recorder<typed_cached_value<std::string>> next;
        cache.async_get_or_compute<std::string>(
            key, [] { return "fine"; }, next);
        REQUIRE(runs_out_of_work(f.io));
        CHECK(!next->error);
        CHECK(next->value.value == "fine");
        CHECK(f.peek(key)->value == "fine");
    }
}

TEST_CASE("get-or-compute of what cannot be read is the error of a get, and stores nothing") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    const auto soon = f.server().now() + 5;
    f.put("pickle", {.value = "(pickled)", .flags = dialect::python_flag::pickle});
    f.put("ends", {.value = "(p)", .flags = dialect::python_flag::pickle, .expires_at = soon});
    int calls = 0;
    const auto compute = [&] {
        ++calls;
        return 1;
    };
    for (const char* key : {"pickle", "ends", "ends"}) {
        CAPTURE(key);
        const auto before = f.peek(key);
        recorder<typed_cached_value<int>> done;
        cache.async_get_or_compute<int>(key, compute, {.renew_before = 10s}, done);
        REQUIRE(runs_out_of_work(f.io));
        CHECK(done->error == errc::foreign_value);
        CHECK(calls == 0);
        CHECK(f.peek(key)->value == before->value);
        CHECK(f.peek(key)->flags == before->flags);
    }
    recorder<bool> invalidated;
    f.cache->async_invalidate("pickle", 100s, invalidated);
    recorder<typed_cached_value<int>> done;
    cache.async_get_or_compute<int>("pickle", compute, done);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(invalidated->value);
    CHECK(!done->error);
    CHECK(calls == 1);
    CHECK(f.peek("pickle")->value == "1");
}

TEST_CASE("a typed value that is readable is renewed early") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    const auto soon = f.server().now() + 5;
    f.put("n", {.value = "1", .flags = dialect::python_flag::long_integer, .expires_at = soon});
    recorder<typed_cached_value<int>> done;
    cache.async_get_or_compute<int>(
        "n", [] { return 2; }, {.expires_in = 100s, .renew_before = 10s}, done);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(done->value.value == 2);
    CHECK(done->value.source == value_source::computed);
    CHECK(f.peek("n")->value == "2");
}

TEST_CASE("typed operations of several commands are cancelled as any") {
    fixture f;
    typed_client<memory_client, dialect::pylibmc> cache(*f.cache);
    asio::cancellation_signal update;
    asio::cancellation_signal compute;
    recorder<found<int>> not_updated;
    recorder<typed_cached_value<int>> not_waited_for;
    std::function<void(std::error_code, int)> answer;
    cache.async_update<int>(
        "n", [](const found<int>&) { return 1; },
        asio::bind_cancellation_slot(update.slot(), not_updated));
    cache.async_get_or_compute<int>(
        "c", [&](auto done) { answer = done; },
        asio::bind_cancellation_slot(compute.slot(), not_waited_for));
    update.emit(asio::cancellation_type::total);
    while (!answer || !not_updated.is_done()) REQUIRE(f.io.run_one() == 1);
    CHECK(not_updated.is_done());
    CHECK(not_updated->error == asio::error::operation_aborted);
    compute.emit(asio::cancellation_type::total);
    while (!not_waited_for.is_done()) REQUIRE(f.io.run_one() == 1);
    CHECK(not_waited_for.is_done());
    CHECK(not_waited_for->error == asio::error::operation_aborted);
    answer({}, 3);
    REQUIRE(runs_out_of_work(f.io));
    CHECK(f.peek("c")->value == "3");
}

TEST_CASE("typed operations of several commands work in coroutines") {
    fixture f;
    typed_client<memory_client> cache(*f.cache);
    int updated = 0;
    std::string computed;
    asio::co_spawn(
        f.io,
        [&]() -> asio::awaitable<void> {
            const auto add_one = [](const found<int>& now) { return now ? now->value + 1 : 1; };
            (void)co_await cache.async_update<int>("n", add_one, asio::use_awaitable);
            const auto now = co_await cache.async_update<int>("n", add_one, asio::use_awaitable);
            updated = now->value;
            const auto work = [] { return std::string(100, 'w'); };
            const auto got =
                co_await cache.async_get_or_compute<std::string>("k", work, asio::use_awaitable);
            computed = got.value;
        },
        [](std::exception_ptr thrown) { CHECK(!thrown); });
    REQUIRE(runs_out_of_work(f.io));
    CHECK(updated == 2);
    CHECK(computed == std::string(100, 'w'));
}

TEST_CASE("the typed blocking client updates and computes") {
    blocking_fixture<dialect::pylibmc> f;
    auto& cache = f.cache;
    const auto add_one = [](const found<int>& now) { return now ? now->value + 1 : 1; };
    CHECK(cache.update<int>("n", add_one)->value == 1);
    CHECK(cache.update<int>("n", add_one, {.expires_in = 10s})->value == 2);
    CHECK(cache.get_or_compute<int>("n", [] { return 0; }).value == 2);
    const auto computed =
        cache.get_or_compute<double>("d", [](auto done) { done({}, 0.5); }, {.expires_in = 10s});
    CHECK(computed.value == 0.5);
    CHECK(computed.source == value_source::computed);

    std::error_code error;
    CHECK(!cache
               .update<std::string>(
                   "n", [](const auto&) { return "x"; }, error)
               .has_value());
    CHECK(error == errc::wrong_value_type);
    (void)cache.get_or_compute<std::string>(
        "n", [] { return "x"; }, error);
    CHECK(error == errc::wrong_value_type);
    CHECK_THROWS_AS((void)cache.update<std::string>("n", [](const auto&) { return "x"; }),
                    std::system_error);
    CHECK(cache.get<int>("n", error)->value == 2);
    CHECK(!error);
}

TEST_CASE("the typed blocking client has the other stores of many") {
    blocking_fixture<dialect::pylibmc> f;
    auto& cache = f.cache;
    const std::vector<typed_entry<int>> entries{{"n", 1}, {"m", 2}};
    CHECK(cache.replace_many(std::span(entries))[0].value == store_result::not_stored);
    CHECK(cache.add_many(std::span(entries))[1].value == store_result::stored);
    const std::array<std::string_view, 2> keys{"n", "m"};
    const auto read = cache.get_and_touch_many<int>(keys, 100s);
    REQUIRE(read.size() == 2);
    REQUIRE(read[0].value.has_value());
    const std::vector<typed_entry<int>> swaps{{"n", 3, read[0].value->cas}, {"m", 4, 999'999'999}};
    const auto swapped = cache.compare_and_swap_many(std::span(swaps));
    CHECK(swapped[0].value == store_result::stored);
    CHECK(swapped[1].value == store_result::exists);
    CHECK(cache.get<int>("n")->value == 3);
}
