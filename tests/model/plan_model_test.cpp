// Every interleaving of real plans and real movers for one key, and the same with one rule of the
// phase table (or of the way a fleet goes through it) broken, which must be noticed.
//
// MEMRING_MODEL_BOUND=2 in the environment explores further: minutes instead of seconds.

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "explorer.hpp"

using memring::model::act;
using memring::model::bounds;
using memring::model::explore;
using memring::model::findings;
using memring::model::mutant;

namespace {

void holds(const bounds& limits, std::size_t least_states = 0) {
    const findings found = explore(limits);
    INFO(found.text());
    CHECK(found.violation.empty());
    CHECK(found.states >= least_states);
    MESSAGE(found.states, " states, ", found.transitions, " transitions");
}

void is_noticed(const bounds& limits, std::string_view what) {
    const findings found = explore(limits);
    INFO("found instead: ", found.text());
    CHECK(found.violation.find(what) != std::string::npos);
}

bool is_wide() {
    const char* const bound = std::getenv("MEMRING_MODEL_BOUND");
    return bound != nullptr && std::atoi(bound) > 1;
}

const std::vector<act> plain{act::get, act::set, act::remove};
const std::vector<act> with_append{act::get, act::set, act::remove, act::append};

}  // namespace

TEST_CASE("gets, sets and deletes through all phases: no stale read, no planned miss") {
    holds({}, 70'000);
    holds({.starts_present = false}, 40'000);
    if (is_wide()) holds({.starts_slowly = true});
}

TEST_CASE("gets, sets and deletes with an eviction: no stale read") {
    holds({.evictions = 1}, 200'000);
    holds({.evictions = 1, .starts_present = false});
}

TEST_CASE("gets, sets and deletes with leases that expire: no stale read") {
    holds({.leases_expire = true}, 100'000);
}

TEST_CASE("a command or answer lost, a sender dead half way: no stale read") {
    holds({.acts = 1, .failures = 1, .leases_expire = true});
    holds({.acts = 1, .failures = 2, .leases_expire = true});
    if (is_wide()) holds({.failures = 1, .leases_expire = true});
}

TEST_CASE("two movers at once on one key") {
    holds({.acts = 1, .movers = 2});
    holds({.acts = 1, .movers = 2, .evictions = 1, .leases_expire = true});
    if (is_wide()) holds({.movers = 2, .evictions = 1});
}

TEST_CASE("what builds on an item neither loses a write nor revives one") {
    for (const act what : {act::append, act::add, act::replace, act::touch}) {
        const std::vector<act> menu{act::get, act::set, act::remove, what};
        holds({.menu = menu, .acts = 1});
        holds({.menu = menu, .acts = 1, .starts_present = false});
        holds({.menu = menu, .acts = 1, .evictions = 1});
        if (what == act::append || what == act::add || is_wide())
            holds({.menu = menu, .acts = 1, .failures = 1, .leases_expire = true});
        if (is_wide()) holds({.menu = menu, .evictions = 1});
    }
}

TEST_CASE("two processes that build on the same item") {
    holds({.menu = {act::append, act::set}});
    holds({.menu = {act::append}});
    holds({.menu = {act::append, act::remove, act::add}, .acts = 1, .evictions = 1});
    if (is_wide()) holds({.menu = with_append});
    if (is_wide()) holds({.menu = {act::append}, .evictions = 1});
}

TEST_CASE("compare-and-swap with a token of an earlier get") {
    holds({.menu = {act::get, act::set, act::compare_and_swap}});
    holds({.menu = {act::get, act::compare_and_swap}, .evictions = 1});
    if (is_wide()) holds({.menu = {act::get, act::set, act::remove, act::compare_and_swap}});
    if (is_wide())
        holds({.menu = {act::get, act::set, act::compare_and_swap},
               .failures = 1,
               .leases_expire = true});
}

TEST_CASE("three processes") {
    holds({.menu = {act::get, act::append}, .clients = 3, .acts = 1});
    if (is_wide()) {
        holds({.menu = {act::set, act::append}, .clients = 3, .acts = 1});
        holds({.clients = 3, .acts = 1, .evictions = 1});
        holds({.menu = with_append, .clients = 3, .acts = 1, .evictions = 1});
    }
}

TEST_CASE("an older copy on the next owner is harmless if it goes before anybody moves") {
    holds({.starts_with_orphan = true, .purges_orphans = true});
}

TEST_CASE("the known limit: a process still in prepare misses what one in move has written") {
    is_noticed({.exempts_prepare = false}, "a get in prepare would miss");
}

// --- rules of the table, broken one at a time --------------------------------------------------

TEST_CASE("mutant: no prepare phase") {
    is_noticed({.broken = mutant::no_prepare}, "would see the older");
}

TEST_CASE("mutant: no settle phase") {
    is_noticed({.broken = mutant::no_settle}, "would see the older");
}

TEST_CASE("mutant: in prepare, a set clears the next owner before it writes the old one") {
    is_noticed({.broken = mutant::prepare_clears_first}, "would see the older");
    // Movers that wait until everybody is in move do not make it right: an append that took the
    // item from the old owner does the same.
    is_noticed({.menu = with_append,
                .acts = 1,
                .mover_waits = true,
                .broken = mutant::prepare_clears_first},
               "would see the older");
}

TEST_CASE("mutant: in prepare, a delete goes to the old owner alone") {
    is_noticed({.broken = mutant::prepare_deletes_old}, "would see the older");
}

TEST_CASE("mutant: in move, a set writes the next owner before it clears the old one") {
    is_noticed({.evictions = 1, .broken = mutant::move_sets_first}, "would see the older");
}

TEST_CASE("mutant: in move, a set leaves the old owner's item") {
    is_noticed({.evictions = 1, .broken = mutant::move_leaves_old}, "would see the older");
}

TEST_CASE("mutant: a delete starts at the next owner") {
    is_noticed({.broken = mutant::delete_next_first}, "would see the older");
}

TEST_CASE("mutant: a delete counts a placeholder as the key") {
    is_noticed({.starts_present = false, .broken = mutant::delete_counts_lease},
               "finds what is not there");
}

TEST_CASE("mutant: in settle, a delete counts what it finds at the old owner") {
    is_noticed({.broken = mutant::delete_believes_old}, "finds what is not there");
}

TEST_CASE("mutant: in move, a get does not ask the old owner") {
    is_noticed({.broken = mutant::get_without_fallback}, "misses");
}

TEST_CASE("mutant: in move, a get asks the old owner first") {
    is_noticed({.broken = mutant::get_old_first}, "a get");
}

TEST_CASE("mutant: a get takes a placeholder for an item") {
    is_noticed({.broken = mutant::get_takes_placeholder}, "takes a placeholder");
}

TEST_CASE("mutant: an item on the next owner is changed, the old owner keeps its own") {
    is_noticed(
        {.menu = with_append, .acts = 1, .evictions = 1, .broken = mutant::change_without_clear},
        "would see the older");
}

TEST_CASE("mutant: an item on the next owner is changed, whichever it is by then") {
    is_noticed({.menu = with_append, .acts = 1, .broken = mutant::change_without_compare},
               "would see the older");
}

TEST_CASE("mutant: an item is taken from the old owner, whichever it is by then") {
    is_noticed({.menu = with_append, .acts = 1, .broken = mutant::take_without_compare},
               "which it has not read");
}

TEST_CASE("mutant: what was built is stored without a look at the lease") {
    is_noticed({.menu = with_append, .acts = 1, .broken = mutant::fill_without_compare},
               "would see the older");
}

TEST_CASE("mutant: a mover that reads, then adds") {
    is_noticed({.broken = mutant::mover_adds}, "would see the older");
}

TEST_CASE("mutant: a mover that stores over whatever is there") {
    is_noticed({.broken = mutant::mover_overwrites}, "would see the older");
}

TEST_CASE("mutant: a mover that reads before it leases") {
    is_noticed({.broken = mutant::mover_reads_first}, "would see the older");
}

// --- rules of the fleet, broken one at a time --------------------------------------------------

TEST_CASE("mutant: processes two phases apart") {
    is_noticed({.skips_a_phase = true}, "would see the older");
}

TEST_CASE("mutant: a phase is entered while operations of the last but one are running") {
    is_noticed({.starts_slowly = true, .forgets_running = true}, "would see the older");
}

TEST_CASE("mutant: settle is entered before the key is moved") {
    is_noticed({.skips_moving = true}, "would miss");
}

TEST_CASE("mutant: settle is left before the last lease has expired") {
    is_noticed({.menu = with_append,
                .acts = 1,
                .failures = 1,
                .leases_expire = true,
                .forgets_leases = true},
               "finds what is not there");
}

TEST_CASE("mutant: the next owner keeps a copy from before the transition") {
    is_noticed({.starts_with_orphan = true}, "would see the older");
}
