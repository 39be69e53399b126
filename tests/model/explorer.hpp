#pragma once
// Walks through every interleaving of the commands of plans and movers for one key, with phase
// changes, evictions and failures in between, and checks each state and each answer:
//
// 1. no stale read: no get, and nothing that builds on an item, sees a value that is older than a
//    write acknowledged before it began. A value is older than a write when it was written by an
//    operation that ended before the write began, when the write was built on it, or when it was
//    built on an older value by somebody else.
// 2. no planned miss, where nothing is evicted, fails or expires: an operation that overlaps no
//    write finds a key that was there. Processes still in prepare are exempt once others move:
//    they read from the old owner alone.
// 3. nothing clobbered: in no state would a get that begins now, in any phase a process is in, see
//    an older value, or (as in 2) nothing.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "seen_set.hpp"
#include "words.hpp"
#include "world.hpp"

namespace memring::model {

class explorer {
public:
    /// `tells`: keep the way to a violation in words, which costs time.
    explicit explorer(bounds limits, bool tells = false)
        : x_limits(std::move(limits)), x_tells(tells) {}

    [[nodiscard]] findings run() {
        reach(first(), {});
        while (!x_waiting.empty() && !stopped()) {
            const place next = std::move(x_waiting.back());
            x_waiting.pop_back();
            x_way = next.way;
            const auto deeper = static_cast<std::ptrdiff_t>(x_waiting.size());
            visit(next.what);
            std::reverse(x_waiting.begin() + deeper, x_waiting.end());  // first come, first visited
        }
        x_found.states = x_seen.size();
        if (stopped()) tell_way();
        return x_found;
    }

private:
    enum class fault : std::uint8_t { none, lost, unanswered, sender_dies, sender_dies_after };

    [[nodiscard]] world first() {
        world w;
        client idle;
        idle.acts_left = x_limits.acts;
        for (std::size_t i = 0; i < x_limits.clients; ++i) w.clients.push_back(idle);
        w.evictions_left = x_limits.evictions;
        w.failures_left = x_limits.failures;
        w.expected = x_limits.starts_present ? presence::present : presence::absent;
        if (x_limits.starts_with_orphan) {
            w.next_owner.put("-", 1);
            w.known.set(x_names.number("-"));
            w.dead.set(x_names.number("-"));
        }
        if (x_limits.starts_present) {
            w.old_owner.put("0", 2);
            w.known.set(x_names.number("0"));
        }
        return w;
    }

    [[nodiscard]] bool stopped() const noexcept { return !x_found.violation.empty(); }
    void violated(std::string what) {
        if (!stopped()) x_found.violation = std::move(what);
    }

    // A world to visit, and the last step of the way to it.
    struct place {
        world what;
        std::size_t way;
    };
    struct way_step {
        std::size_t before;
        std::string label;
    };

    void reach(const world& w, std::string label) {
        if (x_tells) x_steps.push_back({x_way, std::move(label)});
        if (stopped()) {
            x_way = x_steps.empty() ? 0 : x_steps.size() - 1;
        } else if (x_seen.insert(x_fingerprint.of(w))) {
            x_waiting.push_back({w, x_steps.empty() ? 0 : x_steps.size() - 1});
        }
    }

    void tell_way() {
        if (!x_tells) return;
        for (std::size_t at = x_way; at != 0; at = x_steps[at].before)
            x_found.trace.push_back(x_steps[at].label);
        std::reverse(x_found.trace.begin(), x_found.trace.end());
    }

    void visit(const world& w) {
        check_state(w);
        if (stopped()) return;
        for (std::size_t i = 0; i < w.clients.size(); ++i) {
            step_client(w, i);
            advance(w, i);
        }
        for (std::size_t i = 0; i < w.movers.size(); ++i) step_mover(w, i);
        start_mover(w);
        lose_items(w);
        purge(w);
    }

    // Goes on from `w`, reached by `label`. A violation on the way there is its last step.
    void follow(const world& w, std::string label) {
        if (x_has_ended) return;
        x_has_ended = stopped();
        ++x_found.transitions;
        reach(w, std::move(label));
    }

    void check_state(const world& w) {
        for (const client& c : w.clients) {
            const tiny_server& first = c.at < phase::move ? w.old_owner : w.next_owner;
            const bool falls_back = c.at == phase::move && !first.has_value();
            const tiny_server& read = falls_back ? w.old_owner : first;
            if (read.has_value() && w.dead.test(x_names.number(read.value()))) {
                violated("a get in " + std::string(to_string(c.at)) + " would see the older " +
                         read.value());
            }
            const bool is_due = w.expected == presence::present && !w.is_writing();
            if (is_due && !read.has_value() && x_limits.loses_nothing() && !is_exempt(w, c.at))
                violated("a get in " + std::string(to_string(c.at)) + " would miss");
        }
    }

    [[nodiscard]] bool is_exempt(const world& w, phase in) const noexcept {
        return x_limits.exempts_prepare && in == phase::prepare && w.latest() >= phase::move;
    }

    // --- phases ------------------------------------------------------------------------------

    void advance(const world& w, std::size_t i) {
        const phase at = w.clients[i].at;
        if (at == phase::steady_next) return;
        if (w.earliest() < at && !x_limits.skips_a_phase) return;
        for (const client& c : w.clients) {
            const bool blocks = !c.now.empty() && c.now.front().in < at;
            if (blocks && !x_limits.forgets_running) return;
        }
        if (at >= phase::move && !w.movers.empty()) return;
        const bool is_dirty = w.latest() == phase::prepare && w.next_owner.has_item();
        if (at == phase::prepare && is_dirty && x_limits.purges_orphans) return;
        const bool must_move = x_limits.loses_nothing() && !x_limits.skips_moving;
        if (at == phase::move && must_move && !w.is_moved) return;
        const bool is_leased = w.next_owner.has_placeholder() && !x_limits.forgets_leases;
        if (at == phase::settle && is_leased) return;
        world then = w;
        then.clients[i].at = static_cast<phase>(static_cast<int>(at) + 1);
        std::string label;
        if (x_tells)
            label = "process " + std::to_string(i) + " enters " + to_string(then.clients[i].at);
        follow(then, std::move(label));
    }

    // --- evictions and expiry ------------------------------------------------------------------

    void lose_items(const world& w) {
        for (const role who : {role::old_owner, role::next_owner}) {
            world then = w;
            tiny_server& server = then.at(who);
            const bool expires = server.has_placeholder() && x_limits.leases_expire;
            if (!server.has_item() || (!expires && w.evictions_left == 0)) continue;
            if (!expires) --then.evictions_left;
            server.drop();
            follow(then, x_tells ? std::string(name(who)) + " loses its item" : std::string());
        }
    }

    void purge(const world& w) {
        if (!x_limits.purges_orphans || w.latest() > phase::prepare) return;
        if (!w.next_owner.has_item()) return;
        world then = w;
        then.next_owner.drop();
        follow(then, "the orphan on T is deleted");
    }

    // --- movers --------------------------------------------------------------------------------

    void start_mover(const world& w) {
        const bool may_run = w.latest() == phase::move;
        if (!may_run || static_cast<int>(w.movers.size()) >= x_limits.movers) return;
        bool counts = w.earliest() == phase::move;
        for (const client& c : w.clients) {
            if (!c.now.empty() && c.now.front().in < phase::move) counts = false;
        }
        if (x_limits.mover_waits && !counts) return;
        world then = w;
        then.movers.push_back({counts, mover_driver("k", x_limits.broken), {}, {}});
        then.movers.back().pending = then.movers.back().plan.start();
        step_mover(then, then.movers.size() - 1);
    }

    void step_mover(const world& w, std::size_t i) {
        for (const fault how : faults(w)) {
            world then = w;
            running_mover& m = then.movers[i];
            std::string label = x_tells ? "mover: " : "";
            const answer got = carry_out(then, m.pending, how, label);
            if (how == fault::sender_dies || how == fault::sender_dies_after) {
                then.movers.erase_at(i);
            } else {
                m.story.push_back({got.error != std::error_code(), got.what, got.won, got.leased,
                                   got.cas, got.value});
                m.pending = m.plan.next(got);
                if (m.pending.what == step::action::done) {
                    if (m.counts && m.plan.is_settled()) then.is_moved = true;
                    then.movers.erase_at(i);
                }
            }
            follow(then, std::move(label));
        }
    }

    // --- clients -------------------------------------------------------------------------------

    void step_client(const world& w, std::size_t i) {
        const client& c = w.clients[i];
        if (!c.now.empty()) return step_running(w, i);
        if (c.acts_left == 0) return;
        for (const act what : x_limits.menu) {
            if (what == act::compare_and_swap && !c.has_token) continue;
            world then = w;
            begin(then, i, what);
            if (x_limits.starts_slowly) {
                const running_act& a = then.clients[i].now.front();
                follow(then, x_tells ? "client " + std::to_string(i) + " starts " + describe(a)
                                     : std::string());
            } else {
                step_running(then, i);
            }
        }
    }

    void begin(world& w, std::size_t i, act what) {
        client& c = w.clients[i];
        const char letter = static_cast<char>('a' + static_cast<int>(i) * x_limits.acts +
                                              (x_limits.acts - c.acts_left));
        --c.acts_left;
        const bool overlaps = w.is_writing();
        value_set older;
        if (overwrites(what)) older = ended_values(w);
        if (is_write(what)) {
            for (client& other : w.clients) {
                for (running_act& a : other.now) a.overlaps_write = true;
            }
        }
        driver plan(request(c, what, letter), c.at, x_limits.broken);
        step first = plan.start();
        const std::string base = what == act::compare_and_swap ? c.token_value : std::string();
        c.now.push_back({what,
                         c.at,
                         letter,
                         overlaps,
                         base,
                         w.dead,
                         older,
                         std::move(plan),
                         std::move(first),
                         {}});
    }

    // Values whose writer has ended, and what those were built on.
    [[nodiscard]] value_set ended_values(const world& w) {
        value_set ended;
        const std::size_t count = x_names.size();
        for (std::size_t v = 0; v < count; ++v) {
            if (!w.known.test(v)) continue;
            const std::string value = x_names.name(v);
            bool is_running = false;
            for (const client& c : w.clients) {
                is_running = is_running || (!c.now.empty() && c.now.front().letter == value.back());
            }
            if (!is_running) mark_with_bases(ended, value);
        }
        return ended;
    }

    // A touch changes no value.
    [[nodiscard]] static bool overwrites(act what) noexcept {
        return is_write(what) && what != act::touch;
    }

    void mark_with_bases(value_set& set, std::string value) {
        for (; !value.empty(); value.pop_back()) set.set(x_names.number(value));
    }

    void step_running(const world& w, std::size_t i) {
        for (const fault how : faults(w)) {
            world then = w;
            client& c = then.clients[i];
            running_act& a = c.now.front();
            std::string label;
            if (x_tells) label = "client " + std::to_string(i) + ", " + describe(a) + ": ";
            const answer got = carry_out(then, a.pending, how, label, &a);
            if (how == fault::sender_dies || how == fault::sender_dies_after) {
                fail(then, i);
            } else {
                hear(a, got);
                a.pending = a.plan.next(got);
                if (a.pending.what == step::action::wait) a.pending = a.plan.start();
                if (restarts(a)) a.story.clear();
                if (a.pending.what == step::action::done) finish(then, i);
            }
            follow(then, std::move(label));
        }
    }

    // A get or set goes on in the same way whatever it is told (short of a hit that ends it); only
    // what depends on items remembers answers.
    static void hear(running_act& a, const answer& got) {
        const bool forgets = a.what == act::get || a.what == act::set;
        heard h{got.error != std::error_code(), got.what, got.won, got.leased, got.cas, got.value};
        if (forgets && !got.error) h = {false, status::ok, false, false, 0, {}};
        a.story.push_back(std::move(h));
    }

    [[nodiscard]] static bool restarts(const running_act& a) {
        const bool looks = a.what != act::get && a.pending.to == role::next_owner &&
                           (a.pending.cmd.what == verb::lease || a.pending.cmd.what == verb::get);
        const bool looks_again = a.what != act::remove || a.story.size() > 2;
        return a.pending.what == step::action::send && looks && looks_again;
    }

    void fail(world& w, std::size_t i) {
        if (is_write(w.clients[i].now.front().what)) w.expected = presence::unknown;
        w.clients[i].now.clear();
    }

    void finish(world& w, std::size_t i) {
        client& c = w.clients[i];
        const running_act& a = c.now.front();
        const answer& result = a.pending.result;
        if (result.error) return fail(w, i);
        if (a.what == act::get) {
            finish_get(w, c, a, result);
        } else {
            finish_write(w, a, result);
        }
        c.now.clear();
    }

    void finish_get(const world& w, client& c, const running_act& a, const answer& result) {
        const bool is_sure = !a.overlaps_write && !is_exempt(w, a.in);
        c.has_token = result.what == status::ok;
        c.token = result.cas;
        c.token_value = result.value;
        if (result.what == status::ok) {
            if (result.value.empty())
                violated("a get takes a placeholder for a value");
            else if (a.dead.test(x_names.number(result.value)))
                violated("a get in " + std::string(to_string(a.in)) + " sees the older " +
                         result.value);
        } else if (is_sure && w.expected == presence::present && x_limits.loses_nothing()) {
            violated("a get in " + std::string(to_string(a.in)) + " misses");
        }
    }

    void finish_write(world& w, const running_act& a, const answer& result) {
        const bool is_done = result.what == status::ok;
        if (is_done || a.what == act::remove) {
            w.dead |= a.older;
            bury_bases(w, a);
        }
        if (a.overlaps_write) {
            w.expected = presence::unknown;
            return;
        }
        const bool was_absent = w.expected == presence::absent;
        const bool was_present =
            w.expected == presence::present && x_limits.loses_nothing() && !is_exempt(w, a.in);
        const bool finds_item = a.what == act::add ? !is_done : is_done;
        const bool depends = a.what != act::set && a.what != act::compare_and_swap;
        if (depends && was_absent && finds_item) violated(describe(a) + " finds what is not there");
        if (depends && was_present && !finds_item) violated(describe(a) + " misses what is there");
        if (a.what == act::remove)
            w.expected = presence::absent;
        else if (is_done || a.what == act::add)
            w.expected = presence::present;
    }

    // What an acknowledged write was built on is older than it.
    void bury_bases(world& w, const running_act& a) {
        const std::size_t count = x_names.size();
        for (std::size_t v = 0; v < count; ++v) {
            std::string value = x_names.name(v);
            if (!w.known.test(v) || value.back() != a.letter) continue;
            value.pop_back();
            mark_with_bases(w.dead, std::move(value));
        }
    }

    // --- commands ------------------------------------------------------------------------------

    [[nodiscard]] std::vector<fault> faults(const world& w) const {
        if (w.failures_left == 0) return {fault::none};
        return {fault::none, fault::lost, fault::unanswered, fault::sender_dies,
                fault::sender_dies_after};
    }

    [[nodiscard]] answer carry_out(world& w, const step& asked, fault how, std::string& label,
                                   const running_act* by = nullptr) {
        static constexpr const char* endings[] = {"", " is lost", " goes unanswered",
                                                  " never leaves, its sender dies",
                                                  " is its sender's last"};
        if (x_tells) {
            label += std::string(name(asked.cmd.what)) + ' ' + name(asked.to) +
                     (asked.cmd.compare != 0 ? " with compare" : "") +
                     endings[static_cast<std::size_t>(how)];
        }
        answer failed;
        failed.error = errc::timed_out;
        if (how != fault::none) --w.failures_left;
        if (how == fault::lost || how == fault::sender_dies) return failed;
        tiny_server& server = w.at(asked.to);
        const std::string before = server.value();
        const bool takes = by != nullptr && by->story.size() == 2 && asked.to == role::old_owner &&
                           asked.cmd.what == verb::remove;
        const answer got = server.execute(asked.cmd, ++w.last_cas);
        if (server.has_value() && server.value() != before) learn(w, server.value(), by);
        if (takes && got.what == status::ok && before != by->story[1].value)
            violated(describe(*by) + " takes " + before + " away, which it has not read");
        if (x_tells) label += describe(got);
        return how == fault::none ? got : failed;
    }

    // A value appears on a server. What is built on an older value is older too, unless it is the
    // newer write itself that built it.
    void learn(world& w, const std::string& value, const running_act* by) {
        const std::size_t number = x_names.number(value);
        if (w.known.test(number)) return;
        w.known.set(number);
        if (by == nullptr || value.size() < 2) return;
        const std::size_t base = x_names.number(value.substr(0, value.size() - 1));
        if (by->dead.test(base))
            violated(describe(*by) + " in " + to_string(by->in) + " builds on the older " +
                     x_names.name(base));
        if (w.dead.test(base)) w.dead.set(number);
        for (client& c : w.clients) {
            for (running_act& a : c.now) {
                if (a.letter != by->letter && is_write(a.what) && a.older.test(base))
                    a.older.set(number);
            }
        }
    }

    bounds x_limits;
    bool x_tells;
    value_names x_names;
    fingerprint x_fingerprint{x_names};
    seen_set x_seen;
    std::vector<place> x_waiting;   // worlds reached and not yet visited: deep ways need no stack
    std::vector<way_step> x_steps;  // if ways are told; the first is the start
    std::size_t x_way = 0;          // the last step to the world that is being visited
    bool x_has_ended = false;
    findings x_found;
};

/// Explores everything within `limits`, or up to the first violation, which comes with its trace.
[[nodiscard]] inline findings explore(const bounds& limits) {
    findings found = explorer(limits).run();
    return found.violation.empty() ? found : explorer(limits, true).run();
}

}  // namespace memring::model
