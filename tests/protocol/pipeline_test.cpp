#include <doctest/doctest.h>

#include <memring/protocol/pipeline.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

using memring::pipeline;
using memring::reply_shape;
using memring::verb;

namespace {

struct waiter {
    int id = 0;
};

auto bytes(std::string text) {
    return [text](std::string& out, std::uint32_t) { out += text; };
}

std::vector<waiter*> waiters_of(const std::vector<pipeline<waiter>::entry>& entries) {
    std::vector<waiter*> all;
    for (const auto& each : entries) all.push_back(each.waiter);
    return all;
}

auto push(pipeline<waiter>& line, waiter& who, const std::string& text) {
    return line.push(who, {reply_shape::single}, bytes(text));
}

}  // namespace

TEST_CASE("everything queued while a write is under way goes out in the next write") {
    pipeline<waiter> line;
    waiter a, b, c;
    push(line, a, "a ");
    CHECK(line.begin_write() == "a ");
    push(line, b, "b ");
    push(line, c, "c ");
    CHECK(line.has_queued());
    CHECK(line.begin_write() == "b c ");
    CHECK_FALSE(line.has_queued());
    CHECK(line.pop_front().waiter == &a);
    CHECK(line.pop_front().waiter == &b);
    CHECK(line.pop_front().waiter == &c);
    CHECK(line.empty());
}

TEST_CASE("the opaque on the wire is the low half of the ticket") {
    pipeline<waiter> line;
    waiter a;
    std::uint32_t seen = 99;
    const auto ticket =
        line.push(a, {reply_shape::single}, [&](std::string& out, std::uint32_t opaque) {
            seen = opaque;
            out += "x";
        });
    CHECK(seen == static_cast<std::uint32_t>(ticket));
}

TEST_CASE("a command abandoned before its write is never sent") {
    pipeline<waiter> line;
    waiter a, b, c;
    push(line, a, "a ");
    const auto second = push(line, b, "bb ");
    push(line, c, "ccc ");
    CHECK(line.abandon(second));
    CHECK(line.begin_write() == "a ccc ");
    CHECK(line.pop_front().waiter == &a);
    CHECK(line.has_written());
    CHECK(line.pop_front().waiter == &c);
    CHECK(line.empty());
}

TEST_CASE("a command abandoned after its write still swallows its reply") {
    pipeline<waiter> line;
    waiter a, b;
    const auto first = push(line, a, "a ");
    push(line, b, "b ");
    (void)line.begin_write();
    CHECK_FALSE(line.abandon(first));
    REQUIRE(line.has_written());
    CHECK(line.front().waiter == nullptr);
    line.pop_front();
    CHECK(line.front().waiter == &b);
}

TEST_CASE("abandoning all that is queued leaves nothing to write and nothing to wait for") {
    pipeline<waiter> line;
    waiter a, b;
    const auto first = push(line, a, "a ");
    const auto second = push(line, b, "b ");
    CHECK(line.abandon(second));
    CHECK(line.abandon(first));
    CHECK_FALSE(line.has_queued());
    CHECK(line.empty());
}

TEST_CASE("a lost connection drops what was written and keeps what was queued") {
    pipeline<waiter> line;
    waiter a, b, c;
    const auto first = push(line, a, "a ");
    push(line, b, "b ");
    (void)line.begin_write();
    push(line, c, "c ");
    CHECK_FALSE(line.abandon(first));
    CHECK(waiters_of(line.drop_written()) == std::vector<waiter*>{&b});
    CHECK_FALSE(line.has_written());
    CHECK(line.begin_write() == "c ");
    CHECK(waiters_of(line.drop_all()) == std::vector<waiter*>{&c});
    CHECK(line.empty());
}

TEST_CASE("many are given up in one pass, each told whether it was sent") {
    pipeline<waiter> line;
    std::vector<waiter> waiters(10);
    for (int i = 0; i < 10; ++i) {
        waiters[static_cast<std::size_t>(i)].id = i;
        push(line, waiters[static_cast<std::size_t>(i)], std::to_string(i));
        if (i == 3) (void)line.begin_write();
    }
    std::vector<std::pair<int, bool>> told;
    line.abandon_if([](const waiter& w) { return w.id % 2 == 0; },
                    [&](const auto& given_up, bool is_unsent) {
                        told.emplace_back(given_up.waiter->id, is_unsent);
                    });
    CHECK(told == std::vector<std::pair<int, bool>>{
                      {0, false}, {2, false}, {4, true}, {6, true}, {8, true}});
    CHECK(line.begin_write() == "579");
    std::vector<int> answered;
    while (line.has_written()) {
        const auto* const who = line.pop_front().waiter;
        answered.push_back(who ? who->id : -1);
    }
    CHECK(answered == std::vector<int>{-1, 1, -1, 3, 5, 7, 9});
    CHECK(line.empty());
}

TEST_CASE("random traffic keeps bytes, order and waiters consistent with a plain list") {
    struct model_entry {
        waiter* who;
        std::string text;
        std::uint64_t ticket;
        bool written;
    };
    std::mt19937 random(7);
    pipeline<waiter> line;
    std::vector<waiter> waiters(2000);
    std::vector<model_entry> model;
    std::size_t next = 0;
    for (int step = 0; step < 20000; ++step) {
        const auto dice = random() % 10;
        if (dice < 4 && next < waiters.size()) {
            std::string text(1 + random() % 5, static_cast<char>('a' + next % 26));
            const auto ticket = push(line, waiters[next], text);
            model.push_back({&waiters[next++], text, ticket, false});
        } else if (dice < 5) {
            std::string expected;
            for (auto& e : model) {
                if (!e.written) expected += e.text;
                e.written = true;
            }
            REQUIRE(line.begin_write() == expected);
        } else if (dice < 7 && !model.empty() && model.front().written) {
            REQUIRE(line.has_written());
            REQUIRE(line.pop_front().waiter == model.front().who);
            model.erase(model.begin());
        } else if (dice < 9 && !model.empty()) {
            const auto place = random() % model.size();
            auto& e = model[place];
            if (!e.who) continue;
            REQUIRE(line.is_written(e.ticket) == e.written);
            REQUIRE(line.abandon(e.ticket) == !e.written);
            if (e.written) {
                e.who = nullptr;
            } else {
                model.erase(model.begin() + static_cast<std::ptrdiff_t>(place));
            }
        }
        REQUIRE(line.empty() == model.empty());
        if (next == waiters.size() && model.empty()) next = 0;
    }
}

TEST_CASE("what nobody has answered yet can go back to the front of the queue, as far as allowed") {
    pipeline<waiter> line;
    waiter a{0}, b{1}, c{2}, d{3};
    push(line, a, "a ");
    push(line, b, "b ");
    push(line, c, "c ");
    REQUIRE(line.begin_write() == "a b c ");
    push(line, d, "d ");
    REQUIRE(line.is_untouched());
    const auto lost = line.requeue_written([&](const auto& entry) { return entry.waiter != &b; });
    CHECK(waiters_of(lost) == std::vector<waiter*>{&b});
    CHECK_FALSE(line.has_written());
    CHECK(line.begin_write() == "a c d ");
    CHECK(line.pop_front().waiter == &a);
    CHECK_FALSE(line.is_untouched());
    CHECK(line.pop_front().waiter == &c);
    CHECK(line.pop_front().waiter == &d);
    CHECK(line.empty());
}

TEST_CASE("what was written in two goes is not taken back") {
    pipeline<waiter> line;
    waiter a, b;
    push(line, a, "a ");
    REQUIRE(line.begin_write() == "a ");
    push(line, b, "b ");
    REQUIRE(line.begin_write() == "b ");
    CHECK_FALSE(line.is_untouched());
}
