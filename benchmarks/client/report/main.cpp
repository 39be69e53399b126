// Writes the page about the client and its pictures from the figures of memring_client_benchmark.
//
//     memring_client_report --from FILE [--check] [--output DIR]

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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
    bool asks_for_help = false;
};

[[nodiscard]] arguments parse_arguments(const std::vector<std::string_view>& words) {
    arguments parsed;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool has_value = i + 1 < words.size();
        if (words[i] == "--check") {
            parsed.checks = true;
        } else if (words[i] == "--help") {
            parsed.asks_for_help = true;
        } else if (words[i] == "--output" && has_value) {
            parsed.output = words[++i];
        } else if (words[i] == "--from" && has_value) {
            parsed.from = words[++i];
        } else {
            throw std::invalid_argument("not an option: " + std::string(words[i]));
        }
    }
    if (parsed.from.empty() && !parsed.asks_for_help) {
        throw std::invalid_argument("--from is missing");
    }
    return parsed;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

[[nodiscard]] int run(const arguments& asked) {
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
    try {
        const arguments asked = parse_arguments({argv + 1, argv + argc});
        if (asked.asks_for_help) {
            std::fwrite(usage.data(), 1, usage.size(), stdout);
            return 0;
        }
        return run(asked);
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "%s\n%.*s", error.what(), static_cast<int>(usage.size()),
                     usage.data());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "memring_client_report: %s\n", error.what());
        return 1;
    }
}
