// The in-process memcached against the real one, byte for byte: the same scripts go to both, and
// the replies must be equal. The in-process one is a 1.6.18; where the installed memcached is of
// another version, differences are only reported, since later ones answer some things otherwise.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_session.hpp>

#include "../support/forked_memcached.hpp"
#include "../support/login_memcached.hpp"
#include "binary_scripts.hpp"
#include "classic_scripts.hpp"
#include "conformance_tools.hpp"
#include "meta_scripts.hpp"
#include "stats_tools.hpp"

namespace {

using memring::testing::binary_dialect;
using memring::testing::forked_memcached;
using memring::testing::login_memcached;
using memring::testing::login_protocol;
using memring::testing::memory_server;
using memring::testing::memory_server_options;
using memring::testing::memory_session;
using memring::testing::opcode;
using memring::testing::raw_connection;
using memring::testing::required_login;
using memring::testing::script;
using memring::testing::text_dialect;

// Nothing left of the script before, and cas numbers above 1: that one is a lower one for all.
constexpr const char* fresh_start =
    "set a 0 0 1 noreply\r\nx\r\nset a 0 0 1 noreply\r\nx\r\nflush_all\r\n";

template <class Dialect>
std::string replies_of_real(const forked_memcached& server, const script& s,
                            const memory_server_options& options) {
    if (!options.login) {
        raw_connection cleaner(server.port());
        cleaner.send(fresh_start);
        cleaner.read_until("OK\r\n");
    }
    raw_connection connection(server.port());
    Dialect dialect;
    std::string result;
    for (std::size_t i = 0; i < s.steps.size(); ++i) {
        const bool is_last = i + 1 == s.steps.size();
        const bool is_dump = s.steps[i].starts_with("lru_crawler metadump");
        auto step = dialect.with_cas(s.steps[i]);
        if (!is_last) step += Dialect::mark;
        connection.send(step);
        if (is_last && !is_dump) connection.end_of_input();
        const std::string_view end = !is_last ? Dialect::mark_reply : std::string_view();
        result += dialect.normalised(connection.read_until(is_last && is_dump ? "\r\n" : end));
    }
    return result;
}

template <class Dialect>
std::string replies_of_fake(const script& s, const memory_server_options& options) {
    memory_server server(options);
    if (!options.login) {
        std::string ignored;
        memory_session(server).feed(fresh_start, ignored);
    }
    memory_session session(server);
    Dialect dialect;
    std::string result;
    for (std::size_t i = 0; i < s.steps.size(); ++i) {
        const bool is_last = i + 1 == s.steps.size();
        auto step = dialect.with_cas(s.steps[i]);
        if (!is_last) step += Dialect::mark;
        std::string out;
        session.feed(step, out);
        result += dialect.normalised(out);
    }
    return result;
}

// Asked of a server of its own: one that wants a login would not tell.
bool is_installed_version_imitated() {
    const forked_memcached server;
    raw_connection connection(server.port());
    connection.send("version\r\n");
    const auto reply = connection.read_until("\r\n");
    std::string fake;
    memory_server imitation;
    memory_session(imitation).feed("version\r\n", fake);
    if (reply != fake) MESSAGE("the imitated version is not the installed one: ", reply);
    return reply == fake;
}

// Stopping a memcached takes a second: once is enough.
bool is_imitated_version() {
    static const bool is_imitated = is_installed_version_imitated();
    return is_imitated;
}

bool is_busy(const std::string& replies) {
    return replies.find("BUSY currently processing crawler request") != std::string::npos;
}

void check_equal(const std::string& fake, const std::string& real, bool is_binding) {
    if (is_binding) {
        CHECK(fake == real);
    } else {
        WARN(fake == real);
    }
}

template <class Dialect>
void compare(const forked_memcached& server, const std::vector<script>& scripts,
             const memory_server_options& options = {}) {
    const bool is_binding = is_imitated_version();
    for (const auto& s : scripts) {
        const std::string what = s.what;
        CAPTURE(what);
        auto fake = replies_of_fake<Dialect>(s, options);
        auto real = replies_of_real<Dialect>(server, s, options);
        // A second may end between two commands: a time to live is then one less.
        for (int again = 0; real != fake && again < 2; ++again) {
            fake = replies_of_fake<Dialect>(s, options);
            real = replies_of_real<Dialect>(server, s, options);
        }
        // The real one now and then crawls by itself.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (is_busy(real) && !is_busy(fake) && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            real = replies_of_real<Dialect>(server, s, options);
        }
        check_equal(fake, real, is_binding);
    }
}

}  // namespace

TEST_CASE("classic commands are answered as memcached 1.6.18 answers them") {
    const forked_memcached server;
    compare<text_dialect>(server, memring::testing::classic_scripts());
}

TEST_CASE("meta commands and key dumps are answered as memcached 1.6.18 answers them") {
    const forked_memcached server;
    compare<text_dialect>(server, memring::testing::meta_scripts());
}

TEST_CASE("binary commands are answered as memcached 1.6.18 answers them") {
    const forked_memcached server;
    compare<binary_dialect>(server, memring::testing::binary_scripts());
}

TEST_CASE("a login over text is answered as memcached 1.6.18 answers it") {
    const login_memcached real(login_memcached::protocol::text, "alice", "secret");
    compare<text_dialect>(real.server, memring::testing::text_login_scripts(),
                          {.login = required_login{login_protocol::text, "alice", "secret"}});
}

TEST_CASE("a login over SASL is answered as memcached 1.6.18 answers it") {
    const login_memcached real(login_memcached::protocol::sasl, "alice", "secret");
    compare<binary_dialect>(real.server, memring::testing::sasl_scripts(),
                            {.login = required_login{login_protocol::sasl, "alice", "secret"}});
}

namespace {

// The answers to all groups of `stats` after some use of the server, in text and in frames.
template <class Ask>
std::string all_stats(Ask ask) {
    using memring::testing::of_key;
    const std::string frame_end = binary_dialect::mark_reply;
    ask(memring::testing::counted_text + "mn\r\n", "MN\r\n");
    ask(memring::testing::counted_frames + binary_dialect::mark, frame_end);
    std::string result;
    for (const std::string group : {"", "settings", "items", "slabs", "sizes"}) {
        result += "stats " + group + "\n";
        result += memring::testing::text_stats(ask("stats " + group + "\r\n", "END\r\n"));
        result += memring::testing::binary_stats(
            ask(of_key(opcode::stat, group) + binary_dialect::mark, frame_end));
    }
    ask("stats reset\r\n", "RESET\r\n");
    result += "after a reset\n";
    result += memring::testing::text_stats(ask("stats\r\n", "END\r\n"));
    return result + memring::testing::text_stats(ask("stats slabs\r\n", "END\r\n"));
}

std::string stats_of_real() {
    const forked_memcached server;
    return all_stats([&](const std::string& request, const std::string& end) {
        raw_connection connection(server.port());
        connection.send(request);
        return connection.read_until(end);
    });
}

std::string stats_of_fake() {
    memory_server server;
    return all_stats([&](const std::string& request, const std::string&) {
        std::string out;
        memory_session(server).feed(request, out);
        return out;
    });
}

// The lines that only one of both has, with their numbers.
std::string difference(const std::string& left, const std::string& right) {
    std::istringstream lefts(left);
    std::istringstream rights(right);
    std::string result;
    std::string l;
    std::string r;
    for (int number = 1;; ++number) {
        const bool has_left = static_cast<bool>(std::getline(lefts, l));
        const bool has_right = static_cast<bool>(std::getline(rights, r));
        if (!has_left && !has_right) return result;
        if (!has_left) l.clear();
        if (!has_right) r.clear();
        if (l != r) result += std::to_string(number) + ": " + l + " | " + r + "\n";
    }
}

}  // namespace

TEST_CASE("stats have the names of memcached 1.6.18, and its counts after the same commands") {
    const bool is_binding = is_imitated_version();
    const auto fake = stats_of_fake();
    auto real = stats_of_real();
    // Its threads may reap what is over before somebody asks for it.
    for (int again = 0; real != fake && again < 2; ++again) real = stats_of_real();
    const auto different = difference(fake, real);
    check_equal(different, "", is_binding);
}

TEST_CASE("a crawler that is switched off says so as memcached does") {
    const forked_memcached server({"-o", "no_lru_crawler,no_lru_maintainer"});
    const forked_memcached no_dumps({"-X"});
    const auto ask = [](const forked_memcached& real) {
        raw_connection connection(real.port());
        connection.send("lru_crawler metadump hash\r\n");
        return connection.read_until("\r\n");
    };
    memory_server fake;
    const auto fake_says = [&] {
        std::string out;
        memory_session(fake).feed("lru_crawler metadump hash\r\n", out);
        return out;
    };
    fake.set_crawler(false);
    CHECK(fake_says() == ask(server));
    fake.set_crawler(true, false);
    CHECK(fake_says() == ask(no_dumps));
}

TEST_CASE("there are at least 250 scripts that hold the in-process server to the real one") {
    CHECK(memring::testing::classic_scripts().size() + memring::testing::meta_scripts().size() +
              memring::testing::binary_scripts().size() + memring::testing::sasl_scripts().size() +
              memring::testing::text_login_scripts().size() >=
          250);
}
