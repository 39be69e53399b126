// libFuzzer target for everything that reads stored values.
//
//     clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Itests
//         tests/fuzz/fuzz_values.cpp -lz -lzstd -o fuzz_values
//     mkdir found && ./fuzz_values -max_total_time=60 found tests/fuzz/corpus/values
// flags: -lz -lzstd

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fuzz/value_properties.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    memring::fuzz::check_values({reinterpret_cast<const char*>(data), size});
    return 0;
}
