#pragma once
// The fuzz targets by name: what each makes of an input, for its libFuzzer program and for the
// deterministic test that runs with the others. The input's first byte picks opaque, pieces and
// options; a target without a use for one takes the input as it is.

#include <string_view>

#include "parser_properties.hpp"
#include "protocol_properties.hpp"

namespace memring::fuzz {

struct target {
    std::string_view name;  ///< its file is fuzz_<name>.cpp, its corpus corpus/<name>
    void (*check)(std::string_view bytes, unsigned char seed);
};

inline constexpr target every_target[] = {
    {"meta",
     [](std::string_view bytes, unsigned char seed) {
         check_replies(bytes, seed);
         check_answers(bytes, seed);
     }},
    {"classic",
     [](std::string_view bytes, unsigned char seed) {
         check_replies(bytes, seed);
         check_classic(bytes);
         check_classic_protocol(bytes, seed);
     }},
    {"binary",
     [](std::string_view bytes, unsigned char seed) { check_binary_protocol(bytes, seed); }},
    {"handshake", [](std::string_view bytes, unsigned char seed) { check_handshake(bytes, seed); }},
    {"key_dump", [](std::string_view bytes, unsigned char seed) { check_key_dump(bytes, seed); }},
    {"cluster_config", [](std::string_view bytes, unsigned char) { check_cluster_config(bytes); }},
};

/// Holds `input` to the properties of the target called `name`.
inline void check_target(std::string_view name, std::string_view input) {
    if (input.empty()) return;
    const auto seed = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    for (const target& each : every_target) {
        if (each.name == name) return each.check(input, seed);
    }
    require(false, "the target exists");
}

}  // namespace memring::fuzz
