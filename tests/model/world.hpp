#pragma once
// One key in a fleet during a transition: two servers, client processes with their operations, a
// mover, and what is known about which value is older than which.

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <memring/reshard/plan.hpp>

#include "driver.hpp"
#include "few.hpp"
#include "tiny_server.hpp"

namespace memring::model {

/// What a client may do to the key. Every value tells its own history: a set writes one letter
/// that nobody else writes, whatever builds on an item appends its letter.
enum class act : std::uint8_t { get, set, remove, append, add, replace, touch, compare_and_swap };

[[nodiscard]] inline bool is_write(act what) noexcept { return what != act::get; }

/// What one exploration allows.
struct bounds {
    std::vector<act> menu{act::get, act::set, act::remove};
    std::size_t clients = 2;  ///< 1 to 3
    int acts = 2;             ///< of each client
    int movers = 1;           ///< 1 or 2 at a time; each may run again
    int evictions = 0;        ///< of any item on any server
    int failures = 0;  ///< commands that are lost, or whose answer is, or whose sender dies there
    bool leases_expire = false;       ///< a placeholder may go at any time
    bool starts_present = true;       ///< X has the key at first
    bool starts_with_orphan = false;  ///< T has an older copy at first
    bool purges_orphans = false;      ///< ... which is deleted before anybody enters move
    bool skips_a_phase = false;       ///< processes may be two phases apart
    bool starts_slowly = false;       ///< an act may wait between its start and its first command
    bool forgets_running = false;     ///< a phase is entered while operations run two before it
    bool mover_waits = false;         ///< movers begin only when every process is in move
    bool skips_moving = false;        ///< settle does not wait until the key is moved
    bool exempts_prepare = true;      ///< who is still in prepare while others move may miss
    bool forgets_leases = false;      ///< steady_next does not wait until every lease has expired
    mutant broken = mutant::none;

    /// Whether a miss can only come from the plans.
    [[nodiscard]] bool loses_nothing() const noexcept {
        return evictions == 0 && failures == 0 && !leases_expire;
    }
};

inline constexpr std::size_t max_clients = 3;
inline constexpr std::size_t max_movers = 2;
using value_set = std::bitset<192>;

/// Values by number; the same in every state of one exploration.
class value_names {
public:
    [[nodiscard]] std::size_t number(const std::string& value) {
        const auto found = std::find(x_values.begin(), x_values.end(), value);
        if (found != x_values.end()) return static_cast<std::size_t>(found - x_values.begin());
        if (x_values.size() == value_set().size()) throw std::length_error("too many values");
        x_values.push_back(value);
        return x_values.size() - 1;
    }
    [[nodiscard]] const std::string& name(std::size_t number) const { return x_values[number]; }
    [[nodiscard]] std::size_t size() const noexcept { return x_values.size(); }

private:
    std::vector<std::string> x_values;
};

/// What a plan was told since it (re)started: with its request and phase, all that decides what it
/// does next.
struct heard {
    bool is_error;
    status what;
    bool won;
    bool leased;
    std::uint64_t cas;
    std::string value;
};

struct running_act {
    act what;
    phase in;
    char letter;
    bool overlaps_write;
    std::string base;  // compare-and-swap: the value read before
    value_set dead;    // when it began
    value_set older;   // a write: values that it is newer than
    driver plan;
    step pending;
    few<heard, 6> story;
};

struct client {
    phase at = phase::steady_old;
    int acts_left = 0;
    bool has_token = false;  // of the item its last get found
    std::uint64_t token = 0;
    std::string token_value;
    few<running_act, 1> now;  // none or one
};

/// What client `c` asks of its plan for `what`.
[[nodiscard]] inline command request(const client& c, act what, char letter) {
    command asked;
    asked.key.assign("k");
    asked.value = std::string(1, letter);
    switch (what) {
        case act::get: asked.what = verb::get; break;
        case act::set: asked.what = verb::set; break;
        case act::remove: asked.what = verb::remove; break;
        case act::append: asked.what = verb::append; break;
        case act::add: asked.what = verb::add; break;
        case act::replace: asked.what = verb::replace; break;
        case act::touch: asked.what = verb::touch; break;
        case act::compare_and_swap:
            asked.what = verb::set;
            asked.compare = c.token;
            asked.value = c.token_value + letter;
            break;
    }
    return asked;
}

struct running_mover {
    bool counts;  // began when everybody was in move
    mover_driver plan;
    step pending;
    few<heard, 6> story;
};

/// Whether the key must be there, when no write is under way.
enum class presence : std::uint8_t { unknown, present, absent };

struct world {
    tiny_server old_owner;
    tiny_server next_owner;
    std::uint64_t last_cas = 10;
    few<client, max_clients> clients;
    few<running_mover, max_movers> movers;
    int evictions_left = 0;
    int failures_left = 0;
    bool is_moved = false;
    presence expected = presence::unknown;
    value_set known;  // values that were ever stored
    value_set dead;   // values older than an acknowledged write

    [[nodiscard]] tiny_server& at(role who) noexcept {
        return who == role::old_owner ? old_owner : next_owner;
    }
    [[nodiscard]] phase earliest() const noexcept {
        phase found = phase::steady_next;
        for (const client& c : clients) found = std::min(found, c.at);
        return found;
    }
    [[nodiscard]] phase latest() const noexcept {
        phase found = phase::steady_old;
        for (const client& c : clients) found = std::max(found, c.at);
        return found;
    }
    [[nodiscard]] bool is_writing() const noexcept {
        return std::any_of(clients.begin(), clients.end(), [](const client& c) {
            return !c.now.empty() && is_write(c.now.front().what);
        });
    }
};

/// Everything about `w` that the future depends on, as bytes: cas numbers only by their order,
/// knowledge only of values that can still be met.
class fingerprint {
public:
    explicit fingerprint(value_names& names) : x_names(names) {}

    /// Valid until the next call.
    [[nodiscard]] const std::string& of(const world& w) {
        x_cas.clear();
        x_live.clear();
        x_bytes.clear();
        collect(w);
        write(w);
        return x_bytes;
    }

private:
    void byte(std::size_t value) { x_bytes.push_back(static_cast<char>(value)); }

    void note(std::uint64_t cas, const std::string& value) {
        x_cas.push_back(cas);
        if (!value.empty()) x_live.push_back(x_names.number(value));
    }

    void collect(const world& w) {
        note(w.old_owner.cas(), w.old_owner.value());
        note(w.next_owner.cas(), w.next_owner.value());
        for (const client& c : w.clients) {
            if (c.has_token) note(c.token, c.token_value);
            for (const running_act& a : c.now) {
                note(a.pending.cmd.compare, a.base);
                for (const heard& h : a.story) note(h.cas, h.value);
            }
        }
        for (const running_mover& m : w.movers) {
            for (const heard& h : m.story) note(h.cas, h.value);
        }
        std::sort(x_cas.begin(), x_cas.end());
        x_cas.erase(std::unique(x_cas.begin(), x_cas.end()), x_cas.end());
        std::sort(x_live.begin(), x_live.end());
        x_live.erase(std::unique(x_live.begin(), x_live.end()), x_live.end());
    }

    void item(std::uint64_t cas, const std::string& value) {
        byte(static_cast<std::size_t>(std::lower_bound(x_cas.begin(), x_cas.end(), cas) -
                                      x_cas.begin()));
        byte(value.empty() ? 255 : x_names.number(value));
    }

    template <class Story>
    void story(const Story& told) {
        byte(told.size());
        for (const heard& h : told) {
            byte((h.is_error ? 64U : 0U) + static_cast<std::size_t>(h.what) * 4 + (h.won ? 2 : 0) +
                 (h.leased ? 1 : 0));
            item(h.cas, h.value);
        }
    }

    void server(const tiny_server& s) {
        byte((s.has_item() ? 1U : 0U) + (s.has_placeholder() ? 2U : 0U));
        item(s.cas(), s.value());
    }

    void knowledge(const value_set& values) {
        std::size_t bits = 0;
        std::size_t used = 0;
        for (const std::size_t live : x_live) {
            bits = bits * 2 + (values.test(live) ? 1 : 0);
            if (++used % 8 == 0) byte(bits & 255);
        }
        byte(bits & 255);
    }

    void write(const world& w) {
        byte(static_cast<std::size_t>(w.evictions_left * 16 + w.failures_left));
        byte(static_cast<std::size_t>(w.expected) * 2 + (w.is_moved ? 1 : 0));
        server(w.old_owner);
        server(w.next_owner);
        byte(x_live.size());
        for (const std::size_t live : x_live) byte(live);
        knowledge(w.known);
        knowledge(w.dead);
        for (const client& c : w.clients) {
            byte(static_cast<std::size_t>(c.at) * 16 + static_cast<std::size_t>(c.acts_left));
            byte((c.has_token ? 1U : 0U) + (c.now.empty() ? 0U : 2U));
            if (c.has_token) item(c.token, c.token_value);
            for (const running_act& a : c.now) write(a);
        }
        for (const running_mover& m : w.movers) {
            byte(m.counts ? 2 : 1);
            story(m.story);
        }
    }

    void write(const running_act& a) {
        byte(static_cast<std::size_t>(a.what) * 16 + static_cast<std::size_t>(a.in) * 2 +
             (a.overlaps_write ? 1 : 0));
        byte(static_cast<std::size_t>(a.letter));
        byte(static_cast<std::size_t>(a.pending.cmd.what) * 2 +
             static_cast<std::size_t>(a.pending.to));
        item(a.pending.cmd.compare, a.base);
        knowledge(a.dead);
        knowledge(a.older);
        story(a.story);
    }

    value_names& x_names;
    std::vector<std::uint64_t> x_cas;
    std::vector<std::size_t> x_live;
    std::string x_bytes;
};

}  // namespace memring::model
