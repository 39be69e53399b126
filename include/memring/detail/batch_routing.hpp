#pragma once
// Which commands of a batch go to which connection: all owners looked up at once, and one group of
// commands for each connection that has any.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/detail/batch.hpp>
#include <memring/detail/operation.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/key.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/command_batch.hpp>
#include <memring/protocol/protocol.hpp>

namespace memring::detail {

/// The connection of each command that may be sent, as its place in the core's list; for the others
/// the number of connections.
template <class Core>
[[nodiscard]] std::vector<std::uint32_t> lines_of_all(const Core& core,
                                                      const command_batch& commands,
                                                      std::string_view server_key) {
    const auto& now = core.now();
    std::vector<std::uint32_t> lines(commands.size());
    if (!server_key.empty()) {
        const std::uint32_t owner = now.nodes->owner_of(server_key);
        for (auto& line : lines) {
            line = static_cast<std::uint32_t>(now.line_of(owner, server_key));
        }
    } else {
        std::vector<std::string_view> keys(commands.size());
        for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = core.routed_part(commands.key(i));
        owners_of(now.nodes->policy(), keys, lines);
        if (now.per_node > 1) {
            for (std::size_t i = 0; i < keys.size(); ++i) {
                lines[i] = static_cast<std::uint32_t>(now.line_of(lines[i], keys[i]));
            }
        }
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (commands.error(i)) lines[i] = static_cast<std::uint32_t>(now.connections.size());
    }
    return lines;
}

/// Whether two of these commands have the same key.
[[nodiscard]] inline bool has_repeated_key(const command_batch& commands,
                                           std::span<const std::uint32_t> which) {
    const std::size_t mask = std::bit_ceil(which.size() * 2) - 1;
    std::vector<std::uint32_t> slots(mask + 1);  // one more than a place in the batch, or 0
    for (const std::uint32_t place : which) {
        const std::string_view key = commands.key(place);
        std::size_t slot = std::hash<std::string_view>{}(key)&mask;
        while (slots[slot] != 0) {
            if (commands.key(slots[slot] - 1) == key) return true;
            slot = (slot + 1) & mask;
        }
        slots[slot] = place + 1;
    }
    return false;
}

/// Cuts the places in `of_line`, commands for one connection, into groups: lines of a bounded
/// length, and keys that no classic line can hold apart from the others. Quiet meta sets tell whose
/// an error is by the keys that are there afterwards; where a key comes twice each set is answered.
template <class Target>
void make_groups(batch_core& whole, const Target& target, std::span<const std::uint32_t> of_line) {
    constexpr std::size_t longest = 8 * 1024;  // bytes of keys
    const command_batch& commands = whole.commands();
    // Where a protocol refuses what is no text, the first key of a group speaks for all of it.
    const protocol spoken = target->speaks();
    const bool takes_any_key = spoken == protocol::binary ||
                               (spoken == protocol::meta && commands.shared().what != verb::get);
    const auto is_text = [&](std::uint32_t place) {
        return takes_any_key || is_valid_key(commands.key(place));
    };
    const bool may_be_quiet = commands.shared().what == verb::set && spoken != protocol::binary &&
                              spoken != protocol::classic;
    const bool one_by_one = may_be_quiet && has_repeated_key(commands, of_line);
    while (!of_line.empty()) {
        const bool all_text = is_text(of_line.front());
        std::size_t count = 0;
        std::size_t bytes = 0;
        while (count < of_line.size() && is_text(of_line[count]) == all_text && bytes < longest) {
            bytes += commands.key(of_line[count++]).size() + 1;
        }
        whole.add_group(target, of_line.first(count), one_by_one || !all_text);
        of_line = of_line.subspan(count);
    }
}

/// Starts all commands of `whole` that may be sent; false if there are none.
template <class Core>
bool start_batch(Core& core, batch_core& whole, std::string_view server_key,
                 clock::time_point deadline) {
    const command_batch& commands = whole.commands();
    const bool is_composed = commands.shared().has_initial && core.composes_counters();
    if (core.is_in_transition() || is_composed) {  // each on its own: a key may have two owners
        bool any = false;
        for (std::size_t i = 0; i < commands.size(); ++i) {
            if (commands.error(i)) continue;
            operation& part = whole.part(i);
            part.deadline = deadline;
            if (is_plain_read(commands.shared().what)) part.read_key = commands.key(i);
            core.execute(part, commands.make(i), server_key);
            any = true;
        }
        return any;
    }
    const std::vector<std::uint32_t> lines = lines_of_all(core, commands, server_key);
    std::vector<std::uint32_t> ends(core.now().connections.size() + 1);
    for (const std::uint32_t line : lines) ++ends[line];
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    std::vector<std::uint32_t>& places = whole.places();
    places.resize(lines.size());
    for (std::size_t i = lines.size(); i-- > 0;) {
        places[--ends[lines[i]]] = static_cast<std::uint32_t>(i);
    }
    ends.push_back(static_cast<std::uint32_t>(places.size()));
    for (std::size_t line = 0; line < core.now().connections.size(); ++line) {
        const std::span<const std::uint32_t> of_line(places.data() + ends[line],
                                                     ends[line + 1] - ends[line]);
        make_groups(whole, core.now().connections[line], of_line);
    }
    whole.start_groups(deadline);
    return ends[core.now().connections.size()] != 0;
}

}  // namespace memring::detail
