// Writes the page about the client and its pictures from the figures of memring_client_benchmark.
//
//     memring_client_report --from FILE [--check] [--output DIR]

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "../../support/command_line.hpp"
#include "../../support/figures.hpp"
#include "../ratios.hpp"
#include "page.hpp"

namespace {

using namespace memring::benchmark;

constexpr std::string_view usage = R"(Usage: memring_client_report --from FILE [options]
  --from FILE   the figures, written by memring_client_benchmark --json
  --output DIR  where the page and the folder `images` go (the working directory)
  --check       fail unless every figure is there that something is asked of
  --help        this text
)";

struct arguments {
    std::string output = ".";
    std::string from;
    bool checks = false;
};

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

[[nodiscard]] int run(const arguments& asked) {
    if (asked.from.empty()) throw std::invalid_argument("--from is missing");
    const figures all = figures::read(asked.from);
    const std::filesystem::path folder = asked.output;
    std::filesystem::create_directories(folder / "images");
    for (const client_picture& drawn : draw_client_pictures(all)) {
        write_file(folder / "images" / drawn.file, drawn.svg);
    }
    write_file(folder / "performance.md", write_client_page(all, "images"));
    if (!asked.checks) return 0;
    const auto missing = missing_held(all);
    for (const auto& name : missing) std::fprintf(stderr, "missing: %s\n", name.c_str());
    return missing.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    arguments asked;
    const command_line line{
        "memring_client_report",
        usage,
        {{"--from", &asked.from}, {"--output", &asked.output}, {"--check", &asked.checks}}};
    return line.run(argc, argv, [&] { return run(asked); });
}
