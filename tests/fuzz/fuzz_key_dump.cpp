// libFuzzer target: key dumps as lru_crawler prints them. `tools/test --fuzz` builds and runs it.

#include <cstddef>
#include <cstdint>

#include <fuzz/every_target.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    memring::fuzz::check_target("key_dump", {reinterpret_cast<const char*>(data), size});
    return 0;
}
