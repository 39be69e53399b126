// libFuzzer target: the classic text protocol. `tools/test --fuzz` builds and runs it.

#include <cstddef>
#include <cstdint>

#include <fuzz/every_target.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    memring::fuzz::check_target("classic", {reinterpret_cast<const char*>(data), size});
    return 0;
}
