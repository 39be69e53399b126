// What codecs make of types, and what the native dialect makes of codecs.

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/codec.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/dialect/native.hpp>
#include <memring/values/dialect/php.hpp>
#include <memring/values/dialect/python.hpp>
#include <memring/values/value.hpp>

using namespace memring;

namespace {

struct pixel {
    std::uint16_t x = 0;
    std::uint16_t y = 0;
    friend bool operator==(const pixel&, const pixel&) = default;
};

struct temperature {
    double celsius = 0;
    friend bool operator==(const temperature&, const temperature&) = default;
};

struct versioned {
    int number = 0;
    friend bool operator==(const versioned&, const versioned&) = default;
};

template <class T>
std::string text_of(const T& t) {
    return codec<T>::encode(t).bytes;
}

template <class T>
void check_there_and_back(const T& t) {
    const auto encoded = codec<T>::encode(t);
    const auto decoded = codec<T>::decode(encoded.bytes, encoded.flags);
    CHECK(!decoded.error);
    CHECK(decoded.value == t);
}

}  // namespace

template <>
inline constexpr bool memring::stored_as_object<pixel> = true;

template <>
struct memring::codec<temperature> {
    static encoded_value encode(const temperature& t) {
        return {codec<double>::encode(t.celsius).bytes + "C", 0};
    }
    static outcome<temperature> decode(std::string_view stored, std::uint32_t flags) {
        if (!stored.ends_with('C')) return {errc::malformed_value, {}};
        stored.remove_suffix(1);
        const auto celsius = codec<double>::decode(stored, flags);
        return {celsius.error, {celsius.value}};
    }
};

// Says its version in the flags.
template <>
struct memring::codec<versioned> {
    static encoded_value encode(const versioned& v) {
        return {codec<int>::encode(v.number).bytes, 2};
    }
    static outcome<versioned> decode(std::string_view stored, std::uint32_t flags) {
        if (flags != 2) return {errc::wrong_value_type, {}};
        const auto number = codec<int>::decode(stored, 0);
        return {number.error, {number.value}};
    }
};

TEST_CASE("numbers are stored as the shortest decimal text that reads back the same") {
    CHECK(text_of(0) == "0");
    CHECK(text_of(std::int8_t{-128}) == "-128");
    CHECK(text_of(std::uint8_t{200}) == "200");
    CHECK(text_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(text_of(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(text_of(0.1) == "0.1");
    CHECK(text_of(0.1f) == "0.1");
    CHECK(text_of(1e300) == "1e+300");
    CHECK(text_of(true) == "1");
    CHECK(text_of(false) == "0");
    check_there_and_back(std::numeric_limits<std::int64_t>::min());
    check_there_and_back(std::numeric_limits<std::uint64_t>::max());
    check_there_and_back(std::int8_t{-128});
    check_there_and_back(std::numeric_limits<double>::denorm_min());
    check_there_and_back(std::numeric_limits<double>::max());
    check_there_and_back(-std::numeric_limits<double>::infinity());
    check_there_and_back(std::numeric_limits<float>::min());
    check_there_and_back(true);
    CHECK(std::isnan(codec<double>::decode(text_of(std::nan("")), 0).value));
    CHECK(std::signbit(codec<double>::decode(text_of(-0.0), 0).value));
}

TEST_CASE("a number that the server made shorter is read without its padding") {
    CHECK(codec<int>::decode("9 ", 0).value == 9);
    CHECK(codec<int>::decode("9   ", 0).value == 9);
    CHECK(!codec<int>::decode("9   ", 0).error);
}

TEST_CASE("text that is no number, or not this type's, is an error") {
    for (const auto* text : {"", " ", "x", "1x", "+1", " 1", "1 2", "0x10", "1.5", "--1", "-"}) {
        CAPTURE(text);
        CHECK(codec<int>::decode(text, 0).error == errc::malformed_value);
    }
    CHECK(codec<std::uint8_t>::decode("256", 0).error == errc::wrong_value_type);
    CHECK(codec<std::uint8_t>::decode("-1", 0).error == errc::wrong_value_type);
    CHECK(codec<std::int64_t>::decode("9223372036854775808", 0).error == errc::wrong_value_type);
    for (const auto* text : {"", "x", "1.5x", "1e", " 1"}) {
        CAPTURE(text);
        CHECK(codec<double>::decode(text, 0).error == errc::malformed_value);
    }
    CHECK(codec<double>::decode("1e999", 0).error == errc::malformed_value);
    for (const auto* text : {"", "2", "true", "01", "1 "}) {
        CHECK(codec<bool>::decode(text, 0).error == errc::malformed_value);
    }
}

TEST_CASE("text and bytes are stored as they are") {
    const std::string odd("\0\r\n\xff", 4);
    CHECK(text_of(odd) == odd);
    check_there_and_back(odd);
    check_there_and_back(std::string());
    check_there_and_back(bytes{odd});
    check_there_and_back(std::vector<std::byte>{std::byte{0}, std::byte{255}});
    check_there_and_back(std::vector<std::byte>{});
}

TEST_CASE("a type that opts in is stored as its object representation") {
    check_there_and_back(pixel{1, 65535});
    CHECK(text_of(pixel{0x0101, 0x0202}) == "\1\1\2\2");
    CHECK(codec<pixel>::decode("\1\1\2", 0).error == errc::malformed_value);
    CHECK(codec<pixel>::decode("\1\1\2\2\3", 0).error == errc::malformed_value);
}

TEST_CASE("a codec of a user's own serves every dialect") {
    const temperature hot{36.6};
    CHECK(dialect::native{}.encode(hot).value == encoded_value{"36.6C", 0});
    CHECK(dialect::pylibmc{}.encode(hot).value == encoded_value{"36.6C", 0});
    CHECK(dialect::php_memcached{}.encode(hot).value == encoded_value{"36.6C", 0});
    CHECK(dialect::native{}.decode<temperature>("36.6C", 0).value == hot);
    CHECK(dialect::pymemcache{}.decode<temperature>("36.6C", 0).value == hot);
    CHECK(dialect::php_memcached{}.decode<temperature>("36.6C", 0).value == hot);
    CHECK(dialect::pymemcache{}.decode<temperature>("36.6F", 0).error == errc::malformed_value);
    CHECK(dialect::pymemcache{}.decode<temperature>("5", dialect::python_flag::integer).error ==
          errc::wrong_value_type);
}

TEST_CASE("a codec with flags of its own serves the native dialect only") {
    CHECK(dialect::native{}.encode(versioned{7}).value == encoded_value{"7", 2});
    CHECK(dialect::native{}.decode<versioned>("7", 2).value == versioned{7});
    CHECK(dialect::native{}.decode<versioned>("7", 0).error == errc::wrong_value_type);
    CHECK(dialect::pylibmc{}.encode(versioned{7}).error == errc::unsupported);
    CHECK(dialect::php_memcached{}.encode(versioned{7}).error == errc::unsupported);
}

TEST_CASE("the native dialect tells nobody what a value is, and so reads bytes") {
    const dialect::native native;
    CHECK(native.decode<value>("abc", 0).value == value(bytes{"abc"}));
    CHECK(native.decode<value>("abc", 5).value ==
          value(foreign_value{foreign_format::unknown, "abc", 5}));
    CHECK(native.encode(value(std::int64_t{5})).value == encoded_value{"5", 0});
    CHECK(native.encode(value("text")).value == encoded_value{"text", 0});
    CHECK(native.encode(value(std::monostate{})).error == errc::unsupported);
    CHECK(native.encode("literal").value == encoded_value{"literal", 0});
    CHECK(native.encode(std::string_view("view")).value == encoded_value{"view", 0});
}

TEST_CASE("a string that may be taken is not copied") {
    const auto check = [](auto dialect, std::uint32_t flags) {
        std::string stored(1000, 'x');
        const auto* const where = stored.data();
        const auto read = dialect.template decode<std::string>(std::move(stored), flags);
        CHECK(read.value.size() == 1000);
        CHECK(read.value.data() == where);
    };
    check(dialect::native{}, 0);
    check(dialect::pylibmc{}, dialect::python_flag::text);
    check(dialect::pylibmc{}, 0);
    check(dialect::php_memcached{}, 0);
}

static_assert(dialect_of<dialect::native, pixel>);
static_assert(dialect_of<dialect::pylibmc, temperature>);
static_assert(value_dialect<dialect::php_memcached>);
static_assert(!codable<std::monostate>);
