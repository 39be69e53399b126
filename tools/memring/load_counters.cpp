#include "load_counters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <stdexcept>

namespace memring::tool {

namespace {

constexpr std::array counter_members{
    &load_counters::operations,
    &load_counters::gets,
    &load_counters::hits,
    &load_counters::planned_misses,
    &load_counters::unplanned_misses,
    &load_counters::unexplained_misses,
    &load_counters::stale,
    &load_counters::wrong,
    &load_counters::errors,
};

constexpr std::array result_members{
    &change_result::changed_owner, &change_result::moved,     &change_result::failed,
    &change_result::leftovers,     &change_result::moving_us, &change_result::total_us,
};

template <class Struct, std::size_t Count>
std::string words_of(const Struct& values,
                     const std::array<std::uint64_t Struct::*, Count>& members) {
    std::string words;
    for (const auto member : members) {
        if (!words.empty()) words += ' ';
        words += std::to_string(values.*member);
    }
    return words;
}

template <class Struct, std::size_t Count>
Struct from_words(std::span<const std::string> words,
                  const std::array<std::uint64_t Struct::*, Count>& members) {
    if (words.size() != Count) throw std::runtime_error("a line on the control channel is cut");
    Struct values;
    for (std::size_t i = 0; i < Count; ++i) values.*members[i] = number_from(words[i]);
    return values;
}

}  // namespace

double load_counters::hit_rate() const noexcept {
    return gets == 0 ? 1.0 : static_cast<double>(hits) / static_cast<double>(gets);
}

load_counters& load_counters::operator+=(const load_counters& other) noexcept {
    for (const auto member : counter_members) this->*member += other.*member;
    return *this;
}

load_counters& load_counters::operator-=(const load_counters& other) noexcept {
    for (const auto member : counter_members) this->*member -= other.*member;
    return *this;
}

change_result& change_result::operator+=(const change_result& other) noexcept {
    changed_owner += other.changed_owner;
    moved += other.moved;
    failed += other.failed;
    leftovers += other.leftovers;
    // The applications move their keys at the same time.
    moving_us = std::max(moving_us, other.moving_us);
    total_us = std::max(total_us, other.total_us);
    return *this;
}

double change_result::keys_per_second() const noexcept {
    return moving_us == 0 ? 0.0 : static_cast<double>(moved) * 1e6 / static_cast<double>(moving_us);
}

std::vector<std::string> split(std::string_view line) {
    std::vector<std::string> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        if (end > 0) words.emplace_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

std::string to_words(const load_counters& counters) { return words_of(counters, counter_members); }

std::string to_words(const change_result& result) { return words_of(result, result_members); }

load_counters load_counters_from(std::span<const std::string> words) {
    return from_words(words, counter_members);
}

change_result change_result_from(std::span<const std::string> words) {
    return from_words(words, result_members);
}

std::uint64_t number_from(std::string_view word) {
    std::uint64_t number = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || stop != end) {
        throw std::runtime_error("\"" + std::string(word) + "\" is no number");
    }
    return number;
}

}  // namespace memring::tool
