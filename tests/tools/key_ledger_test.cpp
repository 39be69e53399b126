// The demo's judgement of what it reads: a check that cannot fail would prove nothing.

#include "../../tools/memring/key_ledger.hpp"

#include <optional>
#include <string>

#include <doctest/doctest.h>

using memring::tool::key_ledger;
using memring::tool::key_record;

namespace {

// Keys "A:0" to "A:99"; the fiftieth is a counter.
struct ledger_of_a {
    key_ledger keys{"A:", 100};
    key_record& plain = keys.records()[7];
    key_record& counter = keys.records()[49];

    std::string store(key_record& record) {
        std::string value = key_ledger::next_value(record);
        keys.wrote(record, value);
        return value;
    }
};

}  // namespace

TEST_CASE_FIXTURE(ledger_of_a, "the last acknowledged value is a hit") {
    const std::string value = store(plain);
    keys.read(plain, value);
    CHECK(keys.counters().gets == 1);
    CHECK(keys.counters().hits == 1);
    CHECK(keys.counters().bad_values() == 0);
}

TEST_CASE_FIXTURE(ledger_of_a, "a value older than the last acknowledged one is stale") {
    const std::string older = store(plain);
    store(plain);
    keys.read(plain, older);
    CHECK(keys.counters().stale == 1);
    CHECK(keys.counters().wrong == 0);
}

TEST_CASE_FIXTURE(ledger_of_a, "a value that lacks an acknowledged append is stale") {
    const std::string value = store(plain);
    keys.wrote(plain, value + key_ledger::next_suffix(plain));
    keys.read(plain, value);
    CHECK(keys.counters().stale == 1);
}

TEST_CASE_FIXTURE(ledger_of_a, "a value that was deleted is stale") {
    const std::string value = store(plain);
    keys.wrote(plain, std::nullopt);
    keys.read(plain, value);
    CHECK(keys.counters().stale == 1);
}

TEST_CASE_FIXTURE(ledger_of_a, "a deleted key that is present is stale without being read") {
    store(plain);
    keys.wrote(plain, std::nullopt);
    keys.found_present(plain, true);
    CHECK(keys.counters().stale == 1);
}

TEST_CASE_FIXTURE(ledger_of_a, "another key's value, a cut one and an appended-to one are wrong") {
    const std::string value = store(plain);
    const std::string other = store(keys.records()[8]);
    for (const std::string& found : {other, value.substr(0, value.size() - 1), value + "x"}) {
        key_record record = plain;
        const auto before = keys.counters().wrong;
        keys.read(record, found);
        CHECK(keys.counters().wrong == before + 1);
    }
    CHECK(keys.counters().stale == 0);
}

TEST_CASE_FIXTURE(ledger_of_a, "a smaller number is stale, a larger one wrong") {
    store(counter);
    store(counter);
    REQUIRE(counter.value == "2");
    keys.read(counter, "1");
    CHECK(keys.counters().stale == 1);
    keys.wrote(counter, "2");
    keys.read(counter, "3");
    CHECK(keys.counters().wrong == 1);
}

TEST_CASE_FIXTURE(ledger_of_a, "after a failed write the old value and the new one are right") {
    const std::string older = store(plain);
    const std::string newer = key_ledger::next_value(plain);
    key_ledger::may_have_written(plain, newer);

    SUBCASE("the old one") { keys.read(plain, older); }
    SUBCASE("the new one") { keys.read(plain, newer); }
    SUBCASE("neither, for it may have cost the key") { keys.read(plain, std::nullopt); }
    CHECK(keys.counters().bad_values() == 0);
    CHECK(keys.counters().unexplained_misses == 0);
    CHECK(plain.maybe.empty());
}

TEST_CASE_FIXTURE(ledger_of_a, "once a get has told which, the other value is no longer right") {
    const std::string older = store(plain);
    const std::string newer = key_ledger::next_value(plain);
    key_ledger::may_have_written(plain, newer);
    keys.read(plain, newer);
    keys.read(plain, older);
    CHECK(keys.counters().stale == 1);
}

TEST_CASE_FIXTURE(ledger_of_a, "a miss of a stored key is put down to what happened to it") {
    store(plain);
    SUBCASE("nothing") {
        keys.read(plain, std::nullopt);
        CHECK(keys.counters().unexplained_misses == 1);
    }
    SUBCASE("it took part in a change") {
        plain.takes_part = true;
        keys.read(plain, std::nullopt);
        CHECK(keys.counters().planned_misses == 1);
    }
    SUBCASE("its node died, even if it took part in a change before") {
        plain.takes_part = true;
        plain.is_lost = true;
        keys.read(plain, std::nullopt);
        CHECK(keys.counters().unplanned_misses == 1);
        CHECK(keys.counters().planned_misses == 0);
    }
    SUBCASE("another operation noticed") {
        plain.takes_part = true;
        keys.found_present(plain, false);
        CHECK(keys.counters().planned_misses == 1);
    }
}

TEST_CASE_FIXTURE(ledger_of_a, "a write ends the excuse, but not while the change goes on") {
    store(plain);
    plain.takes_part = true;
    keys.begin_change();
    store(plain);
    CHECK(plain.takes_part);
    keys.end_change();
    store(plain);
    CHECK_FALSE(plain.takes_part);
}

TEST_CASE_FIXTURE(ledger_of_a, "a get of a key that was never stored is no miss") {
    keys.read(plain, std::nullopt);
    CHECK(keys.counters().gets == 0);
    CHECK(keys.counters().unexplained_misses == 0);
}

TEST_CASE_FIXTURE(ledger_of_a, "a ledger owns the keys that begin with its prefix") {
    CHECK(keys.owns("A:7"));
    CHECK_FALSE(keys.owns("B:7"));
}
