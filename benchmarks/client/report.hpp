#pragma once
// The figures as a table of 80 columns, and as one flat JSON object.

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "measurement.hpp"

namespace memring::benchmark {

/// Names and numbers, written in the order of the names.
class flat_figures {
public:
    void add(std::string name, double value) { x_figures[std::move(name)] = value; }
    void add(std::string name, std::string text) { x_texts[std::move(name)] = std::move(text); }

    void write(const std::string& path) const {
        std::ofstream out(path);
        const char* separator = "{\n";
        for (const auto& [name, text] : x_texts) {
            out << separator << "  \"" << name << "\": \"" << escaped(text) << '"';
            separator = ",\n";
        }
        for (const auto& [name, value] : x_figures) {
            out << separator << "  \"" << name << "\": " << value;
            separator = ",\n";
        }
        out << "\n}\n";
        if (!out.flush()) throw std::runtime_error("cannot write " + path);
    }

private:
    [[nodiscard]] static std::string escaped(const std::string& text) {
        std::string out;
        for (const char c : text) {
            if (c == '"' || c == '\\') out.push_back('\\');
            if (static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
        }
        return out;
    }

    std::map<std::string, double> x_figures;
    std::map<std::string, std::string> x_texts;
};

/// Prints what the groups of several value sizes have in common side by side. All columns hold the
/// same groups with the same members.
class table {
public:
    struct column {
        std::size_t value_size = 0;
        std::vector<measurement_group> groups = {};
    };

    static void print(const std::vector<column>& columns) {
        for (std::size_t g = 0; g < columns.front().groups.size(); ++g) print_group(columns, g);
    }

    static void collect(const std::vector<column>& columns, flat_figures& out) {
        for (const column& each : columns) {
            for (const measurement_group& group : each.groups) {
                const std::string stem =
                    group.flat_name + "_" + std::to_string(each.value_size) + "_";
                for (const measurement& one : group.members) {
                    out.add(stem + one.flat_name + "_per_second", one.rate());
                    out.add(stem + one.flat_name + "_cpu_ns", one.cost());
                    const auto ratios = measurement_group::ratios(one, group.members.front());
                    out.add(stem + one.flat_name + "_ratio", median(ratios));
                    out.add(stem + one.flat_name + "_ratio_least", ratios.front());
                    out.add(stem + one.flat_name + "_ratio_most", ratios.back());
                }
            }
        }
    }

private:
    static void print_group(const std::vector<column>& columns, std::size_t g) {
        const measurement_group& first = columns.front().groups[g];
        std::printf("\n%-26s", first.title.c_str());
        for (const column& each : columns) std::printf(" %14zu-byte values ", each.value_size);
        std::printf("\n%-26s", "");
        for (std::size_t i = 0; i < columns.size(); ++i) {
            std::printf(" %9s %6s %9s", first.is_latency ? "us" : "1000/s", "ratio", "CPU ns");
        }
        std::printf("\n");
        for (std::size_t m = 0; m < first.members.size(); ++m) {
            std::printf("  %-24s", first.members[m].name.c_str());
            for (const column& each : columns) print_cell(each.groups[g], m);
            std::printf("\n");
        }
    }

    static void print_cell(const measurement_group& group, std::size_t m) {
        const measurement& one = group.members[m];
        const auto ratios = measurement_group::ratios(one, group.members.front());
        const double rate = one.rate();
        std::printf(" %9.1f %6.2f %9.0f", group.is_latency ? 1e6 / rate : rate / 1e3,
                    median(ratios), one.cost());
    }
};

}  // namespace memring::benchmark
