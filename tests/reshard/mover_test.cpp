#include <initializer_list>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <memring/reshard/mover.hpp>

using namespace memring;

namespace {

constexpr std::int64_t now = 1'800'000'000;

answer said(status what, std::uint64_t cas = 0) {
    answer given;
    given.what = what;
    given.cas = cas;
    return given;
}

answer lease(bool won, std::uint64_t cas = 40) {
    answer given = said(status::ok, cas);
    given.won = won;
    given.leased = !won;
    return given;
}

answer item(std::string value, std::int64_t ttl = -1) {
    answer given = said(status::ok, 3);
    given.value = std::move(value);
    given.ttl = ttl;
    given.flags = 5;
    return given;
}

answer failure() {
    answer given;
    given.error = errc::connection_lost;
    return given;
}

struct course {
    key_mover mover{"some key", {.now = now, .lease_seconds = 20}};
    std::vector<step> sent;
    step last;
};

course play(std::initializer_list<answer> answers) {
    course out;
    out.last = out.mover.start();
    for (const answer& given : answers) {
        REQUIRE(out.last.what == step::action::send);
        out.sent.push_back(out.last);
        out.last = out.mover.next(given);
    }
    CHECK(out.last.what == step::action::done);
    return out;
}

bool is_drop(const step& asked) {
    return asked.to == role::next_owner && asked.cmd.what == verb::remove &&
           asked.cmd.compare == 40;
}

}  // namespace

TEST_CASE("a key is leased on its next owner, read from the old one, stored over the lease") {
    const course out = play({lease(true), item("value", 300), said(status::ok, 41)});
    REQUIRE(out.sent.size() == 3);
    for (const step& asked : out.sent) CHECK(asked.cmd.key.view() == "some key");

    CHECK(out.sent[0].to == role::next_owner);
    CHECK(out.sent[0].cmd.what == verb::lease);
    CHECK(out.sent[0].cmd.expiry == 20);

    CHECK(out.sent[1].to == role::old_owner);
    CHECK(out.sent[1].cmd.what == verb::get);
    CHECK((out.sent[1].cmd.keeps_lru && out.sent[1].cmd.wants_ttl));

    CHECK(out.sent[2].to == role::next_owner);
    CHECK(out.sent[2].cmd.what == verb::set);
    CHECK(out.sent[2].cmd.compare == 40);
    CHECK(out.sent[2].cmd.value == "value");
    CHECK(out.sent[2].cmd.flags == 5);
    CHECK(out.sent[2].cmd.expiry == 300);

    CHECK(out.mover.outcome() == move_outcome::moved);
    CHECK(out.mover.moved_bytes() == 5);
    CHECK(!out.mover.error());
}

TEST_CASE("a moved item expires when it would have") {
    const auto expiry = [](std::int64_t ttl) {
        return play({lease(true), item("v", ttl), said(status::ok)}).sent[2].cmd.expiry;
    };
    CHECK(expiry(-1) == 0);
    CHECK(expiry(0) == 1);
    CHECK(expiry(1) == 1);
    CHECK(expiry(2'592'000) == 2'592'000);
    CHECK(expiry(2'592'001) == now + 2'592'001);
}

TEST_CASE("an empty value is moved like any other") {
    CHECK(play({lease(true), item(""), said(status::ok)}).mover.outcome() == move_outcome::moved);
}

TEST_CASE("a key the next owner has is left alone, fresh or stale") {
    CHECK(play({item("newer")}).mover.outcome() == move_outcome::already_there);
    answer stale = item("newer");
    stale.stale = stale.won = true;
    CHECK(play({stale}).mover.outcome() == move_outcome::already_there);
    CHECK(play({item("")}).mover.outcome() == move_outcome::already_there);
}

TEST_CASE("a key that somebody else is filling is worth another look") {
    CHECK(play({lease(false)}).mover.outcome() == move_outcome::leased);
    CHECK(play({said(status::miss)}).mover.outcome() == move_outcome::leased);
}

TEST_CASE("a key that is gone from the old owner leaves no placeholder behind") {
    for (const answer& nothing : {said(status::miss), lease(false)}) {
        const course out = play({lease(true), nothing, said(status::ok)});
        CHECK(is_drop(out.sent[2]));
        CHECK(out.mover.outcome() == move_outcome::vanished);
        CHECK(out.mover.moved_bytes() == 0);
    }
}

TEST_CASE("a stale item stays where it is: its copy would look fresh") {
    for (const bool won : {false, true}) {
        answer stale = item("old");
        stale.stale = true;
        stale.won = won;
        const course out = play({lease(true), stale, said(status::ok)});
        CHECK(is_drop(out.sent[2]));
        CHECK(out.mover.outcome() == move_outcome::left_stale);
    }
}

TEST_CASE("a lease that was written over or deleted under way keeps the copy out") {
    for (const status lost : {status::exists, status::not_found}) {
        const course out = play({lease(true), item("v"), said(lost)});
        CHECK(out.mover.outcome() == move_outcome::lost_race);
        CHECK(out.mover.moved_bytes() == 0);
    }
    // A lease that cannot be dropped any more was taken over: nothing to add.
    CHECK(play({lease(true), said(status::miss), said(status::exists)}).mover.outcome() ==
          move_outcome::vanished);
}

TEST_CASE("an error of a node ends the move, and is told") {
    const auto check = [](const course& out) {
        CHECK(out.mover.outcome() == move_outcome::failed);
        CHECK(out.mover.error() == errc::connection_lost);
        CHECK(out.last.result.error == errc::connection_lost);
    };
    check(play({failure()}));
    check(play({lease(true), item("v"), failure()}));
    check(play({lease(true), said(status::miss), failure()}));
}

TEST_CASE("an error of the old owner drops the lease first") {
    const course out = play({lease(true), failure(), said(status::ok)});
    CHECK(is_drop(out.sent[2]));
    CHECK(out.mover.outcome() == move_outcome::failed);
    CHECK(out.mover.error() == errc::connection_lost);

    answer other;
    other.error = errc::server_error;
    CHECK(play({lease(true), failure(), other}).mover.error() == errc::connection_lost);
}

TEST_CASE("a mover that failed can be started again") {
    course out = play({lease(true), failure(), said(status::ok)});
    CHECK(out.mover.start().cmd.what == verb::lease);
    CHECK(out.mover.next(item("there")).what == step::action::done);
    CHECK(out.mover.outcome() == move_outcome::already_there);
    CHECK(!out.mover.error());
}

TEST_CASE("a server that counts no cas cannot be moved to") {
    const course out = play({lease(true, 0)});
    CHECK(out.mover.outcome() == move_outcome::failed);
    CHECK(out.mover.error() == errc::unsupported);
}
