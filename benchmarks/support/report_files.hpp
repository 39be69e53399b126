#pragma once
// The files of a report: a page, and the folder of its pictures beside it.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace memring::benchmark {

struct picture {
    std::string file;     ///< its name, below the folder of the pictures
    std::string caption;  ///< for those who cannot see it
    std::string svg;
};

/// Where a page finds its pictures, relative to it.
inline const std::string picture_folder = "images";

/// Throws `std::runtime_error` when the file cannot be written.
inline void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream out(path);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// Throws as `write_text`.
inline void write_report(const std::filesystem::path& folder, std::string_view file,
                         std::string_view page, std::span<const picture> pictures) {
    std::filesystem::create_directories(folder / picture_folder);
    for (const picture& drawn : pictures) {
        write_text(folder / picture_folder / drawn.file, drawn.svg);
    }
    write_text(folder / file, page);
}

/// Names on stderr what is missing; whether nothing is.
template <class Names>
[[nodiscard]] bool is_complete(const Names& missing) {
    for (const std::string& name : missing) std::fprintf(stderr, "missing: %s\n", name.c_str());
    return missing.empty();
}

}  // namespace memring::benchmark
