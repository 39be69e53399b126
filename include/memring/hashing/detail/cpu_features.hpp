#pragma once
// Which instructions beyond those it was compiled for the machine has. Only of use together with
// functions compiled for them, which GCC and Clang can do within one translation unit.

namespace memring::detail {

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

/// Integer vectors of 32 bytes. Cheap: reads what the program's start-up has found out.
[[nodiscard]] inline bool has_avx2() noexcept { return __builtin_cpu_supports("avx2") != 0; }

/// Vectors of 64 bytes, of bytes up to 64-bit numbers.
[[nodiscard]] inline bool has_avx512() noexcept {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

#endif

}  // namespace memring::detail
