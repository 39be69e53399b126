// libFuzzer target for everything that reads bytes of a server.
//
//     clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Itests \
//         tests/fuzz/fuzz_parsers.cpp -o fuzz_parsers
//     ./fuzz_parsers -dict=tests/fuzz/parsers.dict -max_total_time=60

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fuzz/parser_properties.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    memring::fuzz::check_parsers({reinterpret_cast<const char*>(data), size});
    return 0;
}
