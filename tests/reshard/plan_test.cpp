#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/reshard/plan.hpp>

using namespace memring;

namespace {

constexpr std::int64_t now = 1'800'000'000;

command make(verb what, std::string value = {}, std::uint64_t compare = 0) {
    command request;
    request.what = what;
    request.key.assign("k");
    request.value = std::move(value);
    request.compare = compare;
    request.flags = 7;
    request.expiry = 60;
    return request;
}

answer said(status what) {
    answer given;
    given.what = what;
    given.cas = what == status::ok ? 99 : 0;
    return given;
}

answer hit(std::string value, std::uint64_t cas, std::int64_t ttl = -1) {
    answer given = said(status::ok);
    given.value = std::move(value);
    given.cas = cas;
    given.ttl = ttl;
    given.flags = 5;
    return given;
}

answer placeholder(bool won, std::uint64_t cas) {
    answer given = said(status::ok);
    given.won = won;
    given.leased = !won;
    given.cas = cas;
    return given;
}

answer failure() {
    answer given;
    given.error = errc::timed_out;
    return given;
}

const answer ok = said(status::ok);
const answer miss = said(status::miss);
const answer not_stored = said(status::not_stored);
const answer exists = said(status::exists);
const answer not_found = said(status::not_found);
const answer lease_won = placeholder(true, 40);
const answer lease_of_another = placeholder(false, 41);

const char* name(verb what) {
    static constexpr const char* names[] = {"get", "set",   "add", "replace", "append", "prepend",
                                            "del", "touch", "gat", "incr",    "decr",   "lease"};
    return names[static_cast<std::size_t>(what)];
}

const char* name(status what) {
    static constexpr const char* names[] = {"ok", "miss", "not stored", "exists", "not found"};
    return names[static_cast<std::size_t>(what)];
}

std::string describe(const step& asked) {
    if (asked.what == step::action::wait) return "wait";
    if (asked.what == step::action::done) {
        const answer& told = asked.result;
        return told.error ? "= " + told.error.message() : std::string("= ") + name(told.what);
    }
    CHECK(asked.cmd.key.view() == "k");
    return std::string(name(asked.cmd.what)) + (asked.to == role::old_owner ? " X" : " T") +
           (asked.cmd.compare == 0 ? "" : " if " + std::to_string(asked.cmd.compare));
}

struct outcome_of_plan {
    std::string text;  // every command in order, then what the application is told
    std::vector<command> sent;
    answer result;
    served_by served = served_by::nobody;
};

outcome_of_plan play(command request, phase in, std::initializer_list<answer> answers,
                     std::optional<role> token_from = {}) {
    operation_plan plan(std::move(request), in,
                        {.now = now, .lease_seconds = 20, .token_from = token_from});
    outcome_of_plan out;
    step asked = plan.start();
    out.text = describe(asked);
    for (const answer& given : answers) {
        REQUIRE(asked.what == step::action::send);
        out.sent.push_back(asked.cmd);
        asked = plan.next(given);
        out.text += ", " + describe(asked);
    }
    out.result = asked.result;
    out.served = plan.served();
    return out;
}

std::string told(verb what, phase in, std::initializer_list<answer> answers) {
    return play(make(what, "v"), in, answers).text;
}

}  // namespace

TEST_CASE("a get reads from where its phase says") {
    const answer item = hit("v", 3);
    CHECK(told(verb::get, phase::steady_old, {item}) == "get X, = ok");
    CHECK(told(verb::get, phase::prepare, {item}) == "get X, = ok");
    CHECK(told(verb::get, phase::prepare, {miss}) == "get X, = miss");
    CHECK(told(verb::get, phase::move, {item}) == "get T, = ok");
    CHECK(told(verb::get, phase::move, {miss, item}) == "get T, get X, = ok");
    CHECK(told(verb::get, phase::move, {lease_of_another, item}) == "get T, get X, = ok");
    CHECK(told(verb::get, phase::move, {lease_won, item}) == "get T, get X, = ok");
    CHECK(told(verb::get, phase::move, {miss, miss}) == "get T, get X, = miss");
    CHECK(told(verb::get, phase::settle, {item}) == "get T, = ok");
    CHECK(told(verb::get, phase::settle, {miss}) == "get T, = miss");
    CHECK(told(verb::get, phase::steady_next, {item}) == "get T, = ok");
}

TEST_CASE("a placeholder is a miss for whoever reads it last") {
    for (const phase in : {phase::steady_old, phase::prepare}) {
        CHECK(told(verb::get, in, {lease_of_another}) == "get X, = miss");
        CHECK(told(verb::get_and_touch, in, {lease_of_another}) == "gat X, = miss");
    }
    for (const phase in : {phase::settle, phase::steady_next})
        CHECK(told(verb::get, in, {lease_of_another}) == "get T, = miss");
    CHECK(told(verb::get, phase::move, {miss, lease_of_another}) == "get T, get X, = miss");
}

TEST_CASE("a get tells who had the item") {
    CHECK(play(make(verb::get), phase::prepare, {hit("v", 1)}).served == served_by::old_owner);
    CHECK(play(make(verb::get), phase::move, {hit("v", 1)}).served == served_by::next_owner);
    CHECK(play(make(verb::get), phase::move, {miss, hit("v", 1)}).served == served_by::old_owner);
    CHECK(play(make(verb::get), phase::move, {miss, miss}).served == served_by::nobody);
    CHECK(play(make(verb::get), phase::settle, {hit("v", 1)}).served == served_by::next_owner);
    CHECK(play(make(verb::get), phase::settle, {miss}).served == served_by::nobody);
}

TEST_CASE("a get hands on what it read, and asks both nodes for the same") {
    command request = make(verb::get);
    request.wants_ttl = true;
    request.keeps_lru = true;
    const auto out = play(request, phase::move, {miss, hit("value", 17, 33)});
    CHECK(out.result.value == "value");
    CHECK(out.result.flags == 5);
    CHECK(out.result.ttl == 33);
    CHECK(out.result.cas == 17);
    for (const command& sent : out.sent) CHECK((sent.wants_ttl && sent.keeps_lru));
}

TEST_CASE("a set clears the other owner in the order of its phase") {
    CHECK(told(verb::set, phase::steady_old, {ok}) == "set X, = ok");
    CHECK(told(verb::set, phase::prepare, {ok, not_found}) == "set X, del T, = ok");
    CHECK(told(verb::set, phase::move, {not_found, ok}) == "del X, set T, = ok");
    CHECK(told(verb::set, phase::settle, {ok, ok}) == "del X, set T, = ok");
    CHECK(told(verb::set, phase::steady_next, {ok}) == "set T, = ok");

    const auto out = play(make(verb::set, "v"), phase::move, {ok, ok});
    CHECK(out.sent[1].value == "v");
    CHECK(out.sent[1].flags == 7);
    CHECK(out.sent[1].expiry == 60);
    CHECK(out.result.cas == 99);
}

TEST_CASE("a delete goes to the old owner first and is told what a get would have seen") {
    const answer item = hit("v", 3);
    CHECK(told(verb::remove, phase::steady_old, {ok}) == "del X, = ok");
    CHECK(told(verb::remove, phase::prepare, {ok, not_found}) == "del X, del T, = ok");
    CHECK(told(verb::remove, phase::prepare, {not_found, ok}) == "del X, del T, = not found");
    CHECK(told(verb::remove, phase::move, {ok, not_found}) == "del X, del T, = ok");
    CHECK(told(verb::remove, phase::steady_next, {not_found}) == "del T, = not found");
    for (const phase in : {phase::move, phase::settle}) {
        CHECK(told(verb::remove, in, {not_found, item, ok}) == "del X, get T, del T, = ok");
        CHECK(told(verb::remove, in, {not_found, item, not_found}) ==
              "del X, get T, del T, = not found");
        CHECK(told(verb::remove, in, {not_found, miss}) == "del X, get T, = not found");
    }
    // In settle X may have an older copy, which nobody reads.
    CHECK(told(verb::remove, phase::settle, {ok, miss}) == "del X, get T, = not found");
    CHECK(play(make(verb::remove), phase::move, {not_found, item, ok}).sent[1].keeps_lru);
}

TEST_CASE("a delete takes a placeholder away, and does not count it as the key") {
    for (const phase in : {phase::move, phase::settle}) {
        for (const answer& dropped : {ok, not_found}) {
            CHECK(told(verb::remove, in, {not_found, lease_of_another, dropped}) ==
                  "del X, get T, del T if 41, = not found");
        }
        // The mover, or another writer, was faster.
        CHECK(told(verb::remove, in, {not_found, lease_of_another, exists, hit("v", 42), ok}) ==
              "del X, get T, del T if 41, get T, del T, = ok");
        CHECK(told(verb::remove, in, {not_found, lease_of_another, exists, miss}) ==
              "del X, get T, del T if 41, get T, = not found");
    }
}

TEST_CASE("in prepare, what builds on an item runs on X and clears T only if it changed it") {
    CHECK(told(verb::append, phase::prepare, {ok, ok}) == "append X, del T, = ok");
    CHECK(told(verb::prepend, phase::prepare, {not_stored}) == "prepend X, = not stored");
    CHECK(told(verb::add, phase::prepare, {ok, not_found}) == "add X, del T, = ok");
    CHECK(told(verb::add, phase::prepare, {not_stored}) == "add X, = not stored");
    CHECK(told(verb::replace, phase::prepare, {ok, ok}) == "replace X, del T, = ok");
    CHECK(told(verb::touch, phase::prepare, {ok, ok}) == "touch X, del T, = ok");
    CHECK(told(verb::touch, phase::prepare, {miss}) == "touch X, = miss");
    CHECK(told(verb::increment, phase::prepare, {ok, ok}) == "incr X, del T, = ok");
    CHECK(told(verb::decrement, phase::prepare, {miss}) == "decr X, = miss");
    const auto gat = play(make(verb::get_and_touch), phase::prepare, {hit("v", 3), not_found});
    CHECK(gat.text == "gat X, del T, = ok");
    CHECK(gat.result.value == "v");
    CHECK(play(make(verb::set, "v", 8), phase::prepare, {ok, ok}).text ==
          "set X if 8, del T, = ok");
    CHECK(play(make(verb::set, "v", 8), phase::prepare, {exists}).text == "set X if 8, = exists");
    CHECK(play(make(verb::remove, "", 8), phase::prepare, {ok, ok}).text ==
          "del X if 8, del T, = ok");
}

TEST_CASE("in steady phases every command goes out as it is") {
    for (const verb what : {verb::append, verb::add, verb::replace, verb::touch, verb::increment}) {
        const std::string text = name(what);
        CHECK(told(what, phase::steady_old, {ok}) == text + " X, = ok");
        CHECK(told(what, phase::steady_next, {not_stored}) == text + " T, = not stored");
    }
}

TEST_CASE("in move, an item on T is changed there, with compare, after X is cleared") {
    const answer item = hit("10", 3);
    const auto changed = [&](verb what) { return told(what, phase::move, {item, ok, ok}); };
    CHECK(changed(verb::append) == "lease T, del X, append T if 3, = ok");
    CHECK(changed(verb::prepend) == "lease T, del X, prepend T if 3, = ok");
    CHECK(changed(verb::replace) == "lease T, del X, replace T if 3, = ok");
    CHECK(changed(verb::increment) == "lease T, del X, incr T if 3, = ok");
    CHECK(changed(verb::decrement) == "lease T, del X, decr T if 3, = ok");
    CHECK(changed(verb::touch) == "lease T, del X, touch T, = ok");
    CHECK(told(verb::get_and_touch, phase::move, {item, ok, item}) ==
          "lease T, del X, gat T, = ok");
    CHECK(told(verb::add, phase::move, {item}) == "lease T, = not stored");
    // A stale item is an item, even if this look took its recache token.
    answer stale = item;
    stale.stale = stale.won = true;
    CHECK(told(verb::append, phase::move, {stale, ok, ok}) ==
          "lease T, del X, append T if 3, = ok");
}

TEST_CASE("in move, a change that lost its item starts again") {
    const answer item = hit("10", 3);
    for (const answer& lost : {exists, not_found, miss, not_stored}) {
        CHECK(told(verb::append, phase::move, {item, ok, lost}) ==
              "lease T, del X, append T if 3, lease T");
    }
    CHECK(told(verb::touch, phase::move, {item, ok, miss}) == "lease T, del X, touch T, lease T");
    CHECK(told(verb::get_and_touch, phase::move, {item, ok, lease_of_another}) ==
          "lease T, del X, gat T, lease T");
}

TEST_CASE("in move, an item on X is taken and its outcome stored over a lease on T") {
    const answer item = hit("10", 3, 500);
    const auto taken = [&](verb what) {
        auto out = play(make(what, "v"), phase::move, {lease_won, item, ok, ok});
        CHECK(out.text == "lease T, get X, del X if 3, set T if 40, = ok");
        CHECK(out.sent[0].expiry == 20);
        CHECK((out.sent[1].wants_ttl && out.sent[1].keeps_lru));
        CHECK(out.result.cas == 99);
        return out;
    };
    CHECK(taken(verb::append).sent[3].value == "10v");
    CHECK(taken(verb::prepend).sent[3].value == "v10");
    CHECK(taken(verb::replace).sent[3].value == "v");
    CHECK(taken(verb::touch).sent[3].value == "10");
    CHECK(taken(verb::get_and_touch).result.value == "10");
    CHECK(taken(verb::increment).result.number == 11);
    CHECK(taken(verb::decrement).sent[3].value == "9");
    for (const verb keeps : {verb::append, verb::prepend, verb::increment, verb::decrement}) {
        CHECK(taken(keeps).sent[3].flags == 5);
        CHECK(taken(keeps).sent[3].expiry == 500);
    }
    CHECK(taken(verb::replace).sent[3].flags == 7);
    CHECK(taken(verb::touch).sent[3].flags == 5);
    for (const verb sets : {verb::replace, verb::touch, verb::get_and_touch})
        CHECK(taken(sets).sent[3].expiry == 60);
}

TEST_CASE("in move, a key that neither owner has is absent, and the lease is dropped") {
    const auto absent = [&](verb what) { return told(what, phase::move, {lease_won, miss, ok}); };
    CHECK(absent(verb::append) == "lease T, get X, del T if 40, = not stored");
    CHECK(absent(verb::replace) == "lease T, get X, del T if 40, = not stored");
    CHECK(absent(verb::increment) == "lease T, get X, del T if 40, = miss");
    CHECK(absent(verb::touch) == "lease T, get X, del T if 40, = miss");
    CHECK(absent(verb::get_and_touch) == "lease T, get X, del T if 40, = miss");
    CHECK(told(verb::append, phase::move, {lease_won, lease_of_another, ok}) ==
          "lease T, get X, del T if 40, = not stored");
}

TEST_CASE("in move, an add stores over its lease if X has nothing either") {
    CHECK(told(verb::add, phase::move, {lease_won, miss, ok}) ==
          "lease T, get X, set T if 40, = ok");
    CHECK(told(verb::add, phase::move, {lease_won, hit("v", 3), ok}) ==
          "lease T, get X, del T if 40, = not stored");
    CHECK(told(verb::add, phase::move, {lease_won, miss, exists}) ==
          "lease T, get X, set T if 40, lease T");
}

TEST_CASE("in move, what meets somebody else's lease waits and starts again") {
    for (const verb what : {verb::append, verb::add, verb::touch, verb::increment})
        CHECK(told(what, phase::move, {lease_of_another}) == "lease T, wait");

    operation_plan plan(make(verb::append, "v"), phase::move);
    CHECK(describe(plan.start()) == "lease T");
    CHECK(describe(plan.next(lease_of_another)) == "wait");
    CHECK(describe(plan.start()) == "lease T");
    CHECK(describe(plan.next(hit("v", 3))) == "del X");
}

TEST_CASE("in move, an item that changed on X before it was taken is looked at again") {
    for (const answer& lost : {exists, not_found}) {
        CHECK(told(verb::append, phase::move, {lease_won, hit("v", 3), lost, ok}) ==
              "lease T, get X, del X if 3, del T if 40, lease T");
    }
    for (const answer& lost : {exists, not_found}) {
        CHECK(told(verb::append, phase::move, {lease_won, hit("v", 3), ok, lost}) ==
              "lease T, get X, del X if 3, set T if 40, lease T");
    }
}

TEST_CASE("in settle, what builds on an item sees T alone") {
    const answer item = hit("10", 3);
    CHECK(told(verb::append, phase::settle, {item, ok, ok}) == "get T, del X, append T if 3, = ok");
    CHECK(told(verb::increment, phase::settle, {item, ok, exists}) ==
          "get T, del X, incr T if 3, get T");
    CHECK(told(verb::touch, phase::settle, {item, ok, ok}) == "get T, del X, touch T, = ok");
    CHECK(told(verb::append, phase::settle, {miss}) == "get T, = not stored");
    CHECK(told(verb::increment, phase::settle, {miss}) == "get T, = miss");
    // Nobody fills a lease any more: what a dead mover left counts as nothing.
    CHECK(told(verb::append, phase::settle, {lease_of_another}) == "get T, = not stored");
    CHECK(told(verb::touch, phase::settle, {lease_of_another}) == "get T, = miss");
}

TEST_CASE("in settle, an add stores where nothing is, or over a lease that is left") {
    CHECK(told(verb::add, phase::settle, {hit("v", 3)}) == "get T, = not stored");
    CHECK(told(verb::add, phase::settle, {miss, ok, ok}) == "get T, del X, add T, = ok");
    CHECK(told(verb::add, phase::settle, {miss, ok, not_stored}) == "get T, del X, add T, get T");
    CHECK(told(verb::add, phase::settle, {lease_of_another, ok, ok}) ==
          "get T, del X, set T if 41, = ok");
}

TEST_CASE("compare-and-swap compares where the item is") {
    const command swap = make(verb::set, "v", 8);
    CHECK(play(swap, phase::steady_old, {exists}).text == "set X if 8, = exists");
    CHECK(play(swap, phase::move, {hit("o", 8), ok, ok}).text ==
          "lease T, del X, set T if 8, = ok");
    CHECK(play(swap, phase::move, {hit("o", 9), ok, exists}).text ==
          "lease T, del X, set T if 8, = exists");
    const auto out = play(swap, phase::move, {lease_won, ok, ok});
    CHECK(out.text == "lease T, del X if 8, set T if 40, = ok");
    CHECK(out.sent[2].value == "v");
    CHECK(out.sent[2].flags == 7);
    CHECK(out.sent[2].expiry == 60);
    CHECK(play(swap, phase::move, {lease_won, exists, ok}).text ==
          "lease T, del X if 8, del T if 40, = exists");
    CHECK(play(swap, phase::move, {lease_won, not_found, ok}).text ==
          "lease T, del X if 8, del T if 40, = not found");
    CHECK(play(swap, phase::settle, {hit("o", 8), ok, ok}).text ==
          "get T, del X, set T if 8, = ok");
    CHECK(play(swap, phase::settle, {miss}).text == "get T, = not found");
}

TEST_CASE("a token of one server is never compared on the other, where its origin is known") {
    const command swap = make(verb::set, "v", 8);
    const answer same_number = hit("other", 8);
    CHECK(play(swap, phase::move, {same_number}, role::old_owner).text == "lease T, = exists");
    CHECK(play(swap, phase::settle, {same_number}, role::old_owner).text == "get T, = exists");
    CHECK(play(swap, phase::move, {lease_won, ok}, role::next_owner).text ==
          "lease T, del T if 40, = exists");
    CHECK(play(swap, phase::move, {lease_won, ok, ok}, role::old_owner).text ==
          "lease T, del X if 8, set T if 40, = ok");
    CHECK(play(swap, phase::move, {same_number, ok, ok}, role::next_owner).text ==
          "lease T, del X, set T if 8, = ok");
}

TEST_CASE("a delete with compare takes the item from where it is") {
    const command remove = make(verb::remove, "", 8);
    CHECK(play(remove, phase::move, {hit("o", 8), ok, ok}).text ==
          "lease T, del X, del T if 8, = ok");
    CHECK(play(remove, phase::move, {lease_won, ok, ok}).text ==
          "lease T, del X if 8, del T if 40, = ok");
    CHECK(play(remove, phase::move, {lease_won, exists, ok}).text ==
          "lease T, del X if 8, del T if 40, = exists");
    CHECK(play(remove, phase::settle, {hit("o", 8), ok, ok}).text ==
          "get T, del X, del T if 8, = ok");
}

TEST_CASE("an error ends the operation, whichever command meets it") {
    const std::string error = "= " + make_error_code(errc::timed_out).message();
    for (const phase in : {phase::steady_old, phase::prepare, phase::move, phase::settle}) {
        for (const verb what : {verb::get, verb::set, verb::remove, verb::append}) {
            const std::string text = told(what, in, {failure()});
            CHECK(text.ends_with(", " + error));
        }
    }
    CHECK(told(verb::set, phase::prepare, {ok, failure()}) == "set X, del T, " + error);
    CHECK(told(verb::set, phase::move, {ok, failure()}) == "del X, set T, " + error);
    CHECK(told(verb::remove, phase::move, {ok, failure()}) == "del X, del T, " + error);
    CHECK(told(verb::get, phase::move, {miss, failure()}) == "get T, get X, " + error);
    CHECK(told(verb::append, phase::move, {hit("v", 3), failure()}) == "lease T, del X, " + error);
    CHECK(told(verb::append, phase::move, {hit("v", 3), ok, failure()}) ==
          "lease T, del X, append T if 3, " + error);
    CHECK(told(verb::append, phase::move, {lease_won, hit("v", 3), ok, failure()}) ==
          "lease T, get X, del X if 3, set T if 40, " + error);
}

TEST_CASE("an error of X while a lease is held drops the lease before it is reported") {
    const std::string error = "= " + make_error_code(errc::timed_out).message();
    CHECK(told(verb::append, phase::move, {lease_won, failure(), ok}) ==
          "lease T, get X, del T if 40, " + error);
    CHECK(told(verb::append, phase::move, {lease_won, hit("v", 3), failure(), ok}) ==
          "lease T, get X, del X if 3, del T if 40, " + error);
    answer other;
    other.error = errc::server_error;
    CHECK(told(verb::append, phase::move, {lease_won, failure(), other}) ==
          "lease T, get X, del T if 40, " + error);
    CHECK(told(verb::append, phase::move, {lease_won, miss, failure()}) ==
          "lease T, get X, del T if 40, " + error);
}

TEST_CASE("counting what is no number leaves X alone and drops the lease") {
    const auto out = play(make(verb::increment), phase::move, {lease_won, hit("ten", 3), ok});
    CHECK(out.result.error == errc::not_a_number);
    CHECK(out.text.starts_with("lease T, get X, del T if 40, = "));
}

TEST_CASE("a server that counts no cas is refused where one is needed") {
    CHECK(play(make(verb::append), phase::move, {placeholder(true, 0)}).result.error ==
          errc::unsupported);
    CHECK(play(make(verb::append), phase::move, {hit("v", 0)}).result.error == errc::unsupported);
    CHECK(play(make(verb::append), phase::settle, {hit("v", 0)}).result.error == errc::unsupported);
    CHECK(play(make(verb::append), phase::move, {lease_won, hit("v", 0), ok}).result.error ==
          errc::unsupported);
}

TEST_CASE("a plan can be copied at any point, and the copies go separate ways") {
    operation_plan plan(make(verb::append, "v"), phase::move);
    CHECK(describe(plan.start()) == "lease T");
    CHECK(describe(plan.next(lease_won)) == "get X");
    operation_plan twin = plan;
    CHECK(describe(plan.next(miss)) == "del T if 40");
    CHECK(describe(twin.next(hit("u", 3))) == "del X if 3");
    const step fill = twin.next(ok);
    CHECK(fill.cmd.value == "uv");
}
