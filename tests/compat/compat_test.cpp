// Holds the hash policies to golden vectors: for every key of every file, the same server as the
// peer that wrote it. Usage: memring_compat_test [--vectors DIR]

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "java_checks.hpp"
#include "jump_checks.hpp"
#include "libmemcached_checks.hpp"
#include "mcrouter_checks.hpp"
#include "python_checks.hpp"
#include "raw_hash_checks.hpp"
#include "rendezvous_checks.hpp"
#include "ring_checks.hpp"
#include "slot_table_checks.hpp"
#include "twemproxy_checks.hpp"
#include "vector_file.hpp"

#ifndef MEMRING_VECTORS_DIR
#define MEMRING_VECTORS_DIR "tests/compat/vectors"
#endif

namespace {

namespace fs = std::filesystem;
using namespace memring::compat;

constexpr std::span<const known_file> families[] = {
    java_files,     jump_files,       libmemcached_files, mcrouter_files,   python_files,
    raw_hash_files, rendezvous_files, ring_files,         slot_table_files, twemproxy_files,
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
    std::printf("%-56.*s %6zu %5zu %7zu\n", static_cast<int>(known.name.size()), known.name.data(),
                result.rows, result.facts, result.differences.size());
    const std::size_t shown = std::min(result.differences.size(), shown_differences);
    for (std::size_t i = 0; i < shown; ++i) std::printf("  %s\n", result.differences[i].c_str());
    if (shown < result.differences.size()) {
        std::printf("  and %zu more\n", result.differences.size() - shown);
    }
    return result.differences.empty();
}

const known_file* find_known(std::string_view name) {
    for (const std::span<const known_file> family : families) {
        for (const known_file& known : family) {
            if (known.name == name) return &known;
        }
    }
    return nullptr;
}

// The files there are, and those there should be.
std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".tsv") names.insert(entry.path().filename().string());
    }
    for (const std::span<const known_file> family : families) {
        for (const known_file& known : family) names.emplace(known.name);
    }
    return names;
}

int run(const fs::path& folder) {
    std::printf("Vectors in %s\n\n%-56s %6s %5s %7s\n", folder.string().c_str(), "file", "rows",
                "facts", "differ");
    std::size_t passed = 0;
    std::size_t rows = 0;
    const std::set<std::string> names = names_in(folder);
    for (const std::string& name : names) {
        const known_file* const known = find_known(name);
        if (known == nullptr) {
            std::printf("%-56s nothing here knows this file\n", name.c_str());
            continue;
        }
        const tally result = check_file(folder / name, *known);
        rows += result.rows;
        passed += report(*known, result) ? 1 : 0;
    }
    std::printf("\n%zu rows\n%zu passed, %zu failed\n", rows, passed, names.size() - passed);
    return passed == names.size() ? 0 : 1;
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
