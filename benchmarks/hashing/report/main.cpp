// Measures every hash scheme and writes the page about them, its pictures and all figures.
//
//     memring_hashing_report [--quick] [--json FILE] [--from FILE] [--check] [--output DIR]

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "../../support/command_line.hpp"
#include "../../support/figures.hpp"
#include "../../support/machine.hpp"
#include "../../support/progress.hpp"
#include "../../support/report_files.hpp"
#include "../expected.hpp"
#include "../ratios.hpp"
#include "../speed.hpp"
#include "measure.hpp"
#include "page.hpp"
#include "pictures.hpp"

namespace {

using namespace memring::benchmark;

constexpr std::string_view usage = R"(Usage: memring_hashing_report [options]
  --output DIR  where the page and the folder `images` go (the working directory)
  --json FILE   also write every figure and ratio there, as one flat object
  --from FILE   measure nothing: take the figures from FILE, written with --json
  --quick       a run of seconds; says nothing about speed
  --check       fail unless the run gave every figure there should be
  --help        this text
)";

struct arguments {
    std::string output = ".";
    std::string json;
    std::string from;
    bool is_quick = false;
    bool checks = false;
};

void describe_run(const run_options& options, figures& out) {
    out.set_text("run.machine", machine_name());
    out.set_text("run.compiler", compiler_name());
    out.set_text("run.flags", MEMRING_BENCHMARK_FLAGS);
    out.set_text("run.libmemcached", why_no_libmemcached());
    out.set("run.repetitions", options.repetitions);
    out.set("run.seconds", options.seconds);
    out.set("run.sample_keys", static_cast<double>(options.sample));
}

[[nodiscard]] figures measure(bool is_quick) {
    const run_options options = is_quick ? run_options{0.0005, 1, 20'000} : run_options{};
    const auto cores = usable_cores();
    if (!cores.empty()) run_on_core(cores.back());
    figures measured;
    progress display;
    describe_run(options, measured);
    measure_quality(options, display, measured);
    measure_speed(options, display, measured);
    add_ratios(measured, why_no_libmemcached());
    return measured;
}

[[nodiscard]] int run(const arguments& asked) {
    const figures all = asked.from.empty() ? measure(asked.is_quick) : figures::read(asked.from);
    const std::array pictures{draw_single_cost(all), draw_batch_cost(all), draw_balance(all),
                              draw_disruption(all),  draw_build(all),      draw_memory(all)};
    write_report(asked.output, "hash-schemes.md", write_page(all, picture_folder), pictures);
    if (!asked.json.empty()) all.write(asked.json);
    std::fputs(ratio_lines(all).c_str(), stdout);
    return asked.checks && !is_complete(missing_figures(all)) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    arguments asked;
    const command_line line{"memring_hashing_report",
                            usage,
                            {{"--output", &asked.output},
                             {"--json", &asked.json},
                             {"--from", &asked.from},
                             {"--quick", &asked.is_quick},
                             {"--check", &asked.checks}}};
    return line.run(argc, argv, [&] { return run(asked); });
}
