#pragma once
// What a run measured: names and numbers, or words, and a file of them.

#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace memring::benchmark {

/// Figures by name. A name is a path of dots, from the general to the particular:
/// `routing.ketama.40.single_ns`. Written as one flat JSON object, one figure a line, in the order
/// of the names; reads back what it wrote.
class figures {
public:
    void set(const std::string& name, double value) { x_numbers[name] = value; }
    void set_text(const std::string& name, std::string_view text) { x_texts[name] = text; }

    [[nodiscard]] std::optional<double> number(const std::string& name) const {
        const auto found = x_numbers.find(name);
        if (found == x_numbers.end()) return std::nullopt;
        return found->second;
    }
    /// Empty when there is none.
    [[nodiscard]] std::string text(const std::string& name) const {
        const auto found = x_texts.find(name);
        return found == x_texts.end() ? std::string() : found->second;
    }

    [[nodiscard]] const std::map<std::string, double>& numbers() const noexcept {
        return x_numbers;
    }

    /// The file's text.
    [[nodiscard]] std::string json() const;
    /// Throws `std::runtime_error` when the file cannot be written.
    void write(const std::string& path) const;

    /// Throws `std::runtime_error` for a file that `write` cannot have made.
    [[nodiscard]] static figures read(const std::string& path);

private:
    void add_line(std::string_view line, const std::string& where);

    std::map<std::string, double> x_numbers;
    std::map<std::string, std::string> x_texts;
};

namespace detail {

[[nodiscard]] inline std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        if (static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
    }
    return out + '"';
}

/// Takes a quoted text from the front of `line`.
[[nodiscard]] inline std::optional<std::string> take_quoted(std::string_view& line) {
    if (!line.starts_with('"')) return std::nullopt;
    std::string text;
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == '"') {
            line.remove_prefix(i + 1);
            return text;
        }
        if (line[i] == '\\' && ++i == line.size()) break;
        text.push_back(line[i]);
    }
    return std::nullopt;
}

/// The shortest digits that read back as the same number.
[[nodiscard]] inline std::string digits_of(double value) {
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return error == std::errc{} ? std::string(text, end) : "null";
}

}  // namespace detail

inline std::string figures::json() const {
    std::map<std::string, std::string> lines;
    for (const auto& [name, value] : x_numbers) lines[name] = detail::digits_of(value);
    for (const auto& [name, words] : x_texts) lines[name] = detail::quoted(words);
    std::string out = "{\n";
    std::string_view separator;
    for (const auto& [name, value] : lines) {
        out.append(separator).append("  ").append(detail::quoted(name)).append(": ").append(value);
        separator = ",\n";
    }
    return out + "\n}\n";
}

inline void figures::write(const std::string& path) const {
    std::ofstream out(path);
    out << json();
    if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

inline figures figures::read(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot read " + path);
    figures result;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line == "{" || line == "}") continue;
        result.add_line(line, path + ":" + std::to_string(number));
    }
    return result;
}

inline void figures::add_line(std::string_view line, const std::string& where) {
    const auto wrong = [&] { return std::runtime_error(where + ": not a figure"); };
    line.remove_prefix(line.find_first_not_of(' ') == line.npos ? 0 : line.find_first_not_of(' '));
    if (line.ends_with(',')) line.remove_suffix(1);
    const auto name = detail::take_quoted(line);
    if (!name || !line.starts_with(": ")) throw wrong();
    line.remove_prefix(2);
    if (const auto words = detail::take_quoted(line)) {
        set_text(*name, *words);
        return;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc{} || end != line.data() + line.size()) throw wrong();
    set(*name, value);
}

}  // namespace memring::benchmark
