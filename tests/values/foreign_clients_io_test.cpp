// The dialects against the clients they are named for, over a real memcached: they store and
// memring reads, memring stores and they read. The scripts in peers/ run the clients; a client that
// is not installed fails the test with the name of its Debian package.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/typed_blocking_client.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/dialect/php.hpp>
#include <memring/values/dialect/python.hpp>
#include <memring/values/fastlz.hpp>
#include <memring/values/value.hpp>
#include <memring/values/zlib.hpp>

#include "../support/clients.hpp"
#include "../support/foreign_clients.hpp"
#include "../support/forked_memcached.hpp"

namespace {

using namespace memring;
using namespace std::string_literals;
using memring::testing::forked_memcached;
using memring::testing::require_good_script;

constexpr double infinity = std::numeric_limits<double>::infinity();

// As in the scripts.
std::string long_text(std::size_t size, std::uint32_t letters) {
    std::uint32_t state = 1;
    std::string text;
    while (text.size() < size) {
        state = (state * 1103515245u + 12345u) & 0x7fffffffu;
        text.push_back(static_cast<char>('a' + (state >> 16) % letters));
    }
    return text;
}

struct named_value {
    std::string name;
    value meaning;
};

std::vector<named_value> common_values() {
    return {
        {"text", value("Grüße, 世界 😀")},
        {"empty_text", value("")},
        {"answer", value(std::int64_t{42})},
        {"negative", value(std::int64_t{-7})},
        {"zero", value(std::int64_t{0})},
        {"int64_max", value(std::numeric_limits<std::int64_t>::max())},
        {"int64_min", value(std::numeric_limits<std::int64_t>::min())},
        {"float", value(3.25)},
        {"tenth", value(0.1)},
        {"huge", value(1e300)},
        {"tiny", value(5e-324)},
        {"inf", value(infinity)},
        {"minus_inf", value(-infinity)},
        {"nan", value(std::nan(""))},
        {"true", value(true)},
        {"false", value(false)},
        {"long_text", value(long_text(20'000, 4))},
    };
}

std::vector<named_value> python_values() {
    auto values = common_values();
    values.push_back({"bytes", value(bytes{"\0\xff\r\nEND\r\n"s})});
    values.push_back({"empty_bytes", value(bytes{})});
    values.push_back({"long_bytes", value(bytes{long_text(20'000, 4)})});
    values.push_back({"uint64_max", value(std::numeric_limits<std::uint64_t>::max())});
    values.push_back({"none", value(std::monostate{})});
    return values;
}

std::vector<named_value> php_values() {
    auto values = common_values();
    values.push_back({"bytes", value("\0\xff\r\nEND\r\n"s)});
    values.push_back({"whole", value(2.0)});
    values.push_back({"null", value(std::monostate{})});
    std::string longer;
    for (int i = 0; i < 4; ++i) longer += long_text(30'000, 4);
    values.push_back({"longer_text", value(longer)});
    return values;
}

bool is_same(const value& a, const value& b) {
    const auto* const left = std::get_if<double>(&a);
    const auto* const right = std::get_if<double>(&b);
    if (left != nullptr && right != nullptr && std::isnan(*left)) return std::isnan(*right);
    return a == b;
}

/// A memcached, and a client that reads and writes it in any dialect.
struct fixture {
    template <class Dialect>
    void store_all(const Dialect& dialect, const std::string& prefix,
                   const std::vector<named_value>& values) {
        typed_blocking_client<blocking_client<>, Dialect> cache(client, dialect);
        for (const auto& each : values) {
            CHECK(cache.set(prefix + each.name, each.meaning) == store_result::stored);
        }
    }

    template <class T, class Dialect>
    T read(const Dialect& dialect, const std::string& key) {
        CAPTURE(key);
        typed_blocking_client<blocking_client<>, Dialect> cache(client, dialect);
        std::error_code error;
        auto hit = cache.template get<T>(key, error);
        CAPTURE(error.message());
        REQUIRE(hit.has_value());
        return std::move(hit->value);
    }

    template <class Dialect>
    void check_all(const Dialect& dialect, const std::string& prefix,
                   const std::vector<named_value>& values) {
        for (const auto& each : values) {
            CAPTURE(each.name);
            CHECK(is_same(read<value>(dialect, prefix + each.name), each.meaning));
        }
    }

    template <class Dialect>
    void check_foreign(const Dialect& dialect, const std::string& key, foreign_format format) {
        const auto foreign = read<foreign_value>(dialect, key);
        CAPTURE(key);
        CHECK(foreign.format == format);
        CHECK(!foreign.bytes.empty());
        typed_blocking_client<blocking_client<>, Dialect> cache(client, dialect);
        std::error_code error;
        CHECK(!cache.template get<std::string>(key, error).has_value());
        CHECK(error == errc::foreign_value);
    }

    std::uint32_t flags_of(const std::string& key) {
        const auto raw = client.get(key);
        REQUIRE(raw.has_value());
        return raw->flags;
    }

    forked_memcached server;
    blocking_client<> client{{{"127.0.0.1", server.port()}}};
};

template <class Dialect>
void check_python_client(const std::string& name, bool has_bools) {
    using zipped = compressed<Dialect, zlib_values>;
    const auto run = [&](const fixture& f, const char* what) {
        require_good_script("/usr/bin/python3", MEMRING_PEERS_DIR "/python_peer.py " + name + " " +
                                                    std::to_string(f.server.port()) + " " + what);
    };
    fixture f;
    run(f, "write");
    auto expected = python_values();
    for (auto& each : expected) {
        if (has_bools || !std::holds_alternative<bool>(each.meaning)) continue;
        each.meaning = value(std::int64_t{std::get<bool>(each.meaning)});
    }
    f.check_all(zipped(), "peer:", expected);
    CHECK(f.read<bool>(zipped(), "peer:true"));
    CHECK(!f.read<bool>(zipped(), "peer:false"));
    CHECK(f.read<int>(zipped(), "peer:answer") == 42);
    CHECK(f.read<float>(zipped(), "peer:float") == 3.25f);
    f.check_foreign(zipped(), "peer:list", foreign_format::python_pickle);
    f.check_foreign(zipped(), "peer:long_list", foreign_format::python_pickle);
    f.check_foreign(zipped(), "peer:big", foreign_format::big_integer);
    CHECK(f.read<foreign_value>(zipped(), "peer:minus_big").bytes == "-1180591620717411303424");

    f.store_all(Dialect(), "plain:", python_values());
    const bool is_compressing = (f.flags_of("peer:long_text") & dialect::python_flag::zlib) != 0;
    if (is_compressing) {
        f.store_all(zipped({.threshold = 100}), "zipped:", python_values());
        CHECK(f.flags_of("zipped:long_text") ==
              (dialect::python_flag::zlib | dialect::python_flag::text));
    } else {
        CHECK(name == "pymemcache");  // before its 4.0
        f.store_all(Dialect(), "zipped:", python_values());
    }
    run(f, "check");
}

}  // namespace

TEST_CASE("pylibmc and memring read what the other has stored") {
    check_python_client<dialect::pylibmc>("pylibmc", false);
}

TEST_CASE("python-memcached and memring read what the other has stored") {
    check_python_client<dialect::python_memcached>("python-memcached", true);
}

TEST_CASE("pymemcache and memring read what the other has stored") {
    check_python_client<dialect::pymemcache>("pymemcache", true);
}

TEST_CASE("php-memcached and memring read what the other has stored") {
    using reader = compressed<dialect::php_memcached, zlib_values, fastlz_values>;
    const reader php({.threshold = 100});
    const auto run = [&](const fixture& f, const char* what) {
        require_good_script("/usr/bin/php", MEMRING_PEERS_DIR "/php_peer.php " +
                                                std::to_string(f.server.port()) + " " + what);
    };
    fixture f;
    run(f, "write");
    for (const auto* compression : {"fastlz:", "zlib:"}) {
        CAPTURE(compression);
        f.check_all(php, compression, php_values());
        f.check_foreign(php, compression + "list"s, foreign_format::php_serialized);
        f.check_foreign(php, compression + "long_list"s, foreign_format::php_serialized);
    }
    CHECK((f.flags_of("fastlz:long_text") & dialect::php_flag::fastlz) != 0);
    CHECK((f.flags_of("zlib:long_text") & dialect::php_flag::zlib) != 0);
    const std::pair<const char*, foreign_format> serializers[]{
        {"PHP", foreign_format::php_serialized}, {"IGBINARY", foreign_format::igbinary},
        {"JSON", foreign_format::json},          {"JSON_ARRAY", foreign_format::json},
        {"MSGPACK", foreign_format::msgpack},
    };
    for (const auto& [name, format] : serializers) {
        f.check_foreign(php, name + ":list"s, format);
        CHECK(is_same(f.read<value>(php, name + ":null"s), value(std::monostate{})));
    }
    CHECK(f.read<std::string>(php, "user_flags") == "flagged");
    CHECK(f.flags_of("user_flags") == 0x12u << 16);

    f.store_all(dialect::php_memcached(), "plain:", php_values());
    f.store_all(php, "zipped:", php_values());
    CHECK((f.flags_of("zipped:long_text") & dialect::php_flag::zlib) != 0);
    run(f, "check");
}

TEST_CASE("a number that the server has decremented is still read") {
    fixture f;
    typed_blocking_client<blocking_client<>, dialect::pylibmc> cache(f.client);
    cache.set("n", 100);
    CHECK(f.client.decrement("n", 95) == 5);
    CHECK(f.client.get("n")->value == "5  ");  // an item does not shrink
    CHECK(cache.get<int>("n")->value == 5);
    CHECK(f.client.increment("n", 37) == 42);
    CHECK(cache.get<int>("n")->value == 42);
}
