// Holds the hash policies to golden vectors: for every key of every file, the same server as the
// peer that wrote it. Usage: memring_compat_test [--vectors DIR]

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "checks.hpp"
#include "slot_table_checks.hpp"
#include "vector_file.hpp"

#ifndef MEMRING_VECTORS_DIR
#define MEMRING_VECTORS_DIR "tests/compat/vectors"
#endif

namespace {

namespace fs = std::filesystem;
using namespace memring::compat;

struct known_file {
    std::string_view name;
    void (*check)(const vector_file&, const vector_case&, tally&);
};

constexpr known_file known_files[] = {
    {"libmemcached-ketama-weighted.tsv", check_ketama},
    {"memcached-proxy-jump.tsv", check_proxy_jump},
    {"jump-consistent-hash.tsv", check_jump},
    {"python-consistent-memcached-plain.tsv", check_consistent_memcached<16387>},
    {"python-consistent-memcached-weighted.tsv", check_consistent_memcached<32775>},
    {"python-memcached-1.59.tsv", check_python_memcached},
};

constexpr std::size_t shown_differences = 10;

tally check_file(const fs::path& path, const known_file& known) {
    tally result;
    try {
        const vector_file file(path);
        if (file.is_empty()) throw vector_error(file.name() + ": no rows");
        for (const vector_case& current : file.cases()) {
            const bool is_head = current.name.empty() && current.rows.empty();
            if (is_head) continue;
            if (current.rows.empty()) file.reject(current.number, "a case without rows");
            known.check(file, current, result);
        }
    } catch (const vector_error& error) {
        result.differences.emplace_back(error.what());
    }
    return result;
}

bool report(const known_file& known, const tally& result) {
    std::printf("%-42.*s %6zu %6zu %12zu\n", static_cast<int>(known.name.size()), known.name.data(),
                result.rows, result.facts, result.differences.size());
    const std::size_t shown = std::min(result.differences.size(), shown_differences);
    for (std::size_t i = 0; i < shown; ++i) std::printf("  %s\n", result.differences[i].c_str());
    if (shown < result.differences.size()) {
        std::printf("  and %zu more\n", result.differences.size() - shown);
    }
    return result.differences.empty();
}

std::vector<std::string> files_not_covered(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const auto is_it = [&](const known_file& known) { return known.name == name; };
        if (entry.path().extension() == ".tsv" && std::ranges::none_of(known_files, is_it)) {
            names.push_back(name);
        }
    }
    std::ranges::sort(names);
    return names;
}

int run(const fs::path& folder) {
    std::printf("Vectors in %s\n\n%-42s %6s %6s %12s\n", folder.string().c_str(), "file", "rows",
                "facts", "differences");
    std::size_t passed = 0;
    std::size_t failed = 0;
    for (const known_file& known : known_files) {
        const bool is_equal = report(known, check_file(folder / known.name, known));
        ++(is_equal ? passed : failed);
    }
    if (fs::is_directory(folder)) {
        const std::vector<std::string> others = files_not_covered(folder);
        if (!others.empty()) std::printf("\nNot covered yet:\n");
        for (const std::string& name : others) std::printf("  %s\n", name.c_str());
    }
    std::printf("\n%zu passed, %zu failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    fs::path folder = MEMRING_VECTORS_DIR;
    if (argc == 3 && std::string_view(argv[1]) == "--vectors") {
        folder = argv[2];
    } else if (argc != 1) {
        std::fprintf(stderr, "usage: %s [--vectors DIR]\n", argv[0]);
        return 2;
    }
    try {
        return run(folder);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
