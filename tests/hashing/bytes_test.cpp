#include <cstddef>
#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/bytes.hpp>

using namespace memring;

namespace {

static_assert(detail::byte_value('\xff') == 255);
static_assert(detail::byte_value<std::uint64_t>('\x80') == 128);
static_assert(detail::signed_byte_value<std::uint32_t>('\x80') == 0xffffff80);
static_assert(detail::signed_byte_value<std::uint64_t>('\xff') == 0xffffffffffffffff);
static_assert(detail::signed_byte_value<std::uint32_t>('\x7f') == 0x7f);
static_assert(detail::load_16("\x81\x92") == 0x9281);
static_assert(detail::load_32("\x81\x92\xa3\xb4") == 0xb4a39281);
static_assert(detail::load_64("\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8") == 0xf8e7d6c5b4a39281);
static_assert(detail::load<std::uint32_t>("\x81\x92\xa3\xb4") == 0xb4a39281);

}  // namespace

TEST_CASE("numbers are read the same from every address") {
    const char bytes[] = "........\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8........";
    for (std::size_t start = 1; start <= 8; ++start) {
        CAPTURE(start);
        const std::uint64_t all = 0x2e2e2e2e2e2e2e2e;
        const std::uint64_t want =
            start == 8 ? 0xf8e7d6c5b4a39281
                       : 0xf8e7d6c5b4a39281 << (8 * (8 - start)) | all >> (8 * start);
        CHECK(detail::load_64(bytes + start) == want);
        CHECK(detail::load_32(bytes + start) == static_cast<std::uint32_t>(want));
    }
}

TEST_CASE("the tail of a text is its last bytes, whatever its length") {
    constexpr std::string_view text = "\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8\x09\x1a\x2b";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const std::string_view part = text.substr(0, size);
        for (std::size_t last = 0; last < 8 && last <= size; ++last) {
            CAPTURE(size);
            CAPTURE(last);
            std::uint64_t want = 0;
            for (const char c : part.substr(size - last)) {
                want = want >> 8 | detail::byte_value<std::uint64_t>(c) << 56;
            }
            if (last != 0) want >>= 64 - 8 * last;
            CHECK(detail::load_tail<std::uint64_t>(part, last) == want);
            if (last < 4) CHECK(detail::load_tail<std::uint32_t>(part, last) == want);
        }
    }
}
