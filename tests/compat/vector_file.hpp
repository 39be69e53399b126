#pragma once
// Reads a file of golden vectors: comment lines with facts and servers, then data rows. The format
// is described in vectors/README.md. Everything odd is an error that names file and line.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace memring::compat {

/// A file that cannot be read, or a line in it that cannot be understood.
struct vector_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One line, cut at its tabs.
struct vector_line {
    std::size_t number = 0;
    std::vector<std::string> fields;
};

/// A comment `# NAME: VALUE`.
struct vector_fact {
    std::size_t number = 0;
    std::string name;
    std::string value;
};

/// The rows under one `# case:` line with the facts and servers stated before them. Rows of a file
/// without cases form one case without a name.
struct vector_case {
    std::size_t number = 0;
    std::string name;
    std::vector<vector_fact> facts;
    std::vector<vector_line> servers;
    std::vector<vector_line> rows;
};

class vector_file {
public:
    explicit vector_file(const std::filesystem::path& path) : x_name(path.filename().string()) {
        std::ifstream in(path, std::ios::binary);
        if (!in) throw vector_error(x_name + ": cannot be opened");
        x_cases.emplace_back();
        std::string line;
        for (std::size_t number = 1; std::getline(in, line); ++number) take(number, line);
        if (in.bad()) throw vector_error(x_name + ": cannot be read");
    }

    [[nodiscard]] const std::string& name() const noexcept { return x_name; }
    [[nodiscard]] const std::vector<vector_case>& cases() const noexcept { return x_cases; }

    /// Whether there is no data row at all.
    [[nodiscard]] bool is_empty() const noexcept {
        return std::ranges::all_of(x_cases, [](const auto& one) { return one.rows.empty(); });
    }

    /// "FILE:LINE", as compilers write it.
    [[nodiscard]] std::string at(std::size_t number) const {
        return x_name + ":" + std::to_string(number);
    }

    [[noreturn]] void reject(std::size_t number, const std::string& reason) const {
        throw vector_error(at(number) + ": malformed: " + reason);
    }

    /// The whole of `text` as an unsigned decimal number.
    template <class Number>
    [[nodiscard]] Number number(std::size_t line, std::string_view text) const {
        Number value{};
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (text.empty() || error != std::errc{} || stop != end) {
            reject(line, "\"" + std::string(text) + "\" is no number in range");
        }
        return value;
    }

    /// Numbers with commas between.
    template <class Number>
    [[nodiscard]] std::vector<Number> numbers(std::size_t line, std::string_view text) const {
        std::vector<Number> values;
        while (true) {
            const std::size_t comma = text.find(',');
            values.push_back(number<Number>(line, text.substr(0, comma)));
            if (comma == std::string_view::npos) return values;
            text.remove_prefix(comma + 1);
        }
    }

    void require_fields(const vector_line& line, std::size_t count) const {
        if (line.fields.size() == count) return;
        reject(line.number,
               std::to_string(line.fields.size()) + " fields instead of " + std::to_string(count));
    }

private:
    static std::vector<std::string> cut(std::string_view text) {
        std::vector<std::string> fields;
        while (true) {
            const std::size_t tab = text.find('\t');
            fields.emplace_back(text.substr(0, tab));
            if (tab == std::string_view::npos) return fields;
            text.remove_prefix(tab + 1);
        }
    }

    void take(std::size_t number, std::string_view line) {
        if (line.empty()) reject(number, "an empty line");
        if (line == "#") return;
        if (!line.starts_with("# ")) {
            if (line.front() == '#') reject(number, "a comment needs a blank after its #");
            x_cases.back().rows.push_back({number, cut(line)});
            return;
        }
        line.remove_prefix(2);
        const std::size_t colon = name_end(line);
        if (colon == std::string_view::npos) return;  // prose
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 2);
        if (name == "case") {
            x_cases.push_back({number, std::string(value), {}, {}, {}});
        } else if (name == "server") {
            take_server(number, value);
        } else {
            x_cases.back().facts.push_back({number, std::string(name), std::string(value)});
        }
    }

    // A fact about one host has the host, with its own colons, in its name.
    static std::size_t name_end(std::string_view line) {
        const std::size_t md5 =
            line.starts_with("debug host ") ? line.find(": md5 hex=") : line.npos;
        return md5 != line.npos ? md5 : line.find(": ");
    }

    void take_server(std::size_t number, std::string_view value) {
        vector_case& current = x_cases.back();
        if (!current.rows.empty()) reject(number, "a server after the rows of its case");
        vector_line server{number, cut(value)};
        if (this->number<std::size_t>(number, server.fields.front()) != current.servers.size()) {
            reject(number, "servers must be numbered from 0 in order");
        }
        current.servers.push_back(std::move(server));
    }

    std::string x_name;
    std::vector<vector_case> x_cases;
};

}  // namespace memring::compat
