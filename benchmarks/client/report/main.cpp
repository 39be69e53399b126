// Writes the page about the client and its pictures from the figures of memring_client_benchmark.
//
//     memring_client_report --from FILE [--check] [--output DIR]

#include <stdexcept>
#include <string>
#include <string_view>

#include "../../support/command_line.hpp"
#include "../../support/figures.hpp"
#include "../../support/report_files.hpp"
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

[[nodiscard]] int run(const arguments& asked) {
    if (asked.from.empty()) throw std::invalid_argument("--from is missing");
    const figures all = figures::read(asked.from);
    write_report(asked.output, "performance.md", write_client_page(all, picture_folder),
                 draw_client_pictures(all));
    return asked.checks && !is_complete(missing_held(all)) ? 1 : 0;
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
