// Every verb over every protocol against a real memcached: encoders, parsers and decoders as they
// are, on a plain socket. What all protocols can do must come out the same.

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <protocol/wire.hpp>
#include <support/login_memcached.hpp>

using namespace memring;
using memring::testing::forked_memcached;
using memring::testing::login_memcached;
using memring::testing::wire;

namespace {

constexpr protocol every_protocol[] = {protocol::meta, protocol::classic, protocol::binary};

command make(verb what, std::string_view key, std::string_view value = {}) {
    command c;
    c.what = what;
    c.key.assign(key);
    c.value = value;
    return c;
}

command compared(command c, std::uint64_t cas) {
    c.compare = cas;
    return c;
}

command expiring(command c, std::int64_t expiry) {
    c.expiry = expiry;
    return c;
}

command counted(verb what, std::string_view key, std::uint64_t delta) {
    command c = make(what, key);
    c.delta = delta;
    return c;
}

/// What every protocol has to say about an answer; not the cas, which a classic store is not told.
std::string describe(const answer& a) {
    if (a.error) return a.error.message();
    constexpr std::string_view names[] = {"ok", "miss", "not stored", "exists", "not found"};
    std::string text(names[static_cast<int>(a.what)]);
    if (a.flags != 0) text += " flags " + std::to_string(a.flags);
    if (a.number != 0) text += " number " + std::to_string(a.number);
    const auto value = std::string(a.bytes());
    return value.size() < 100 ? text + " [" + value + ']'
                              : text + ' ' + std::to_string(value.size()) + " bytes";
}

/// Plays the same commands over each protocol, each on a server of its own.
std::vector<std::string> play_everywhere(
    const std::function<void(const std::function<answer(const command&)>&)>& script,
    bool is_quiet = false) {
    std::vector<std::string> transcripts;
    for (const auto spoken : every_protocol) {
        forked_memcached server;
        wire line(server.port(), spoken);
        std::string transcript;
        script([&](const command& c) {
            answer got = line.ask(c, is_quiet);
            transcript += describe(got) + '\n';
            return got;
        });
        CHECK(line.is_drained());
        transcripts.push_back(std::move(transcript));
    }
    return transcripts;
}

void check_same(const std::vector<std::string>& transcripts, std::string_view expected) {
    CHECK(transcripts[0] == expected);
    CHECK(transcripts[1] == expected);
    CHECK(transcripts[2] == expected);
}

handshake_options credentials(protocol wanted, std::string_view password) {
    return {.wanted = wanted, .user = "user", .password = password};
}

}  // namespace

TEST_CASE("stores, reads and removals come out the same over every protocol") {
    const auto transcripts = play_everywhere([](const auto& ask) {
        ask(make(verb::get, "k"));
        command store = make(verb::set, "k", "hi");
        store.flags = 0xfffffffe;
        ask(store);
        ask(make(verb::get, "k"));
        ask(make(verb::add, "k", "no"));
        ask(make(verb::add, "new", "yes"));
        ask(make(verb::replace, "absent", "no"));
        ask(make(verb::replace, "new", "again"));
        ask(make(verb::append, "absent", "no"));
        ask(make(verb::prepend, "absent", "no"));
        ask(make(verb::append, "k", "\r\nEND\r\n"));
        ask(make(verb::prepend, "k", "<"));
        ask(make(verb::get, "k"));
        ask(make(verb::set, "empty"));
        ask(make(verb::get, "empty"));
        ask(make(verb::remove, "absent"));
        ask(make(verb::remove, "k"));
        ask(make(verb::get, "k"));
        ask(make(verb::get, "new"));
        ask(make(verb::set, std::string(250, 'k'), std::string(500'000, 'v')));
        ask(make(verb::get, std::string(250, 'k')));
    });
    check_same(transcripts,
               "miss []\nok []\nok flags 4294967294 [hi]\nnot stored []\nok []\nnot stored []\n"
               "ok []\nnot stored []\nnot stored []\nok []\nok []\n"
               "ok flags 4294967294 [<hi\r\nEND\r\n]\nok []\nok []\nnot found []\nok []\nmiss []\n"
               "ok [again]\nok []\nok 500000 bytes\n");
}

TEST_CASE("comparing stores come out the same over every protocol") {
    const auto transcripts = play_everywhere([](const auto& ask) {
        ask(compared(make(verb::set, "k", "no"), 1));
        ask(compared(make(verb::replace, "k", "no"), 1));
        ask(make(verb::set, "k", "1"));
        const std::uint64_t cas = ask(make(verb::get, "k")).cas;
        REQUIRE(cas != 0);
        ask(compared(make(verb::set, "k", "no"), cas + 1000));
        ask(compared(make(verb::replace, "k", "no"), cas + 1000));
        ask(compared(make(verb::set, "k", "2"), cas));
        ask(compared(make(verb::set, "k", "no"), cas));
        ask(compared(make(verb::replace, "k", "3"), ask(make(verb::get, "k")).cas));
        ask(compared(make(verb::add, "k", "no"), cas));
        ask(compared(make(verb::add, "new", "yes"), cas));
        ask(make(verb::get, "new"));
        ask(compared(make(verb::get, "k"), cas));
        ask(compared(make(verb::touch, "k"), cas));
    });
    check_same(transcripts,
               "not found []\nnot found []\nok []\nok [1]\nexists []\nexists []\nok []\nexists []\n"
               "ok [2]\nok []\nnot stored []\nok []\nok [yes]\nok [3]\nok []\n");
}

TEST_CASE("counters and touches come out the same over every protocol") {
    const auto transcripts = play_everywhere([](const auto& ask) {
        ask(counted(verb::increment, "n", 1));
        ask(counted(verb::decrement, "n", 1));
        ask(make(verb::set, "n", "10"));
        ask(counted(verb::increment, "n", 5));
        ask(counted(verb::decrement, "n", 100));
        ask(counted(verb::increment, "n", 0xffffffffffffffff));
        ask(counted(verb::increment, "n", 3));
        ask(make(verb::set, "t", "text"));
        ask(counted(verb::increment, "t", 1));
        ask(counted(verb::decrement, "t", 1));
        ask(expiring(make(verb::touch, "t"), 100));
        ask(expiring(make(verb::touch, "absent"), 100));
        ask(expiring(make(verb::get_and_touch, "t"), 0));
        ask(expiring(make(verb::get_and_touch, "absent"), 100));
        ask(expiring(make(verb::set, "past", "x"), 2'592'001));  // a Unix time in 1970
        ask(make(verb::get, "past"));
    });
    check_same(
        transcripts,
        "miss []\nmiss []\nok []\nok number 15 []\nok []\nok number 18446744073709551615 []\n"
        "ok number 2 []\nok []\nthe stored value is not a number\n"
        "the stored value is not a number\nok []\nmiss []\nok [text]\nmiss []\nok []\n"
        "miss []\n");
}

TEST_CASE("a value too large is the same error over every protocol, and the next command works") {
    for (const auto spoken : every_protocol) {
        CAPTURE(to_string(spoken));
        forked_memcached server;
        wire line(server.port(), spoken);
        const std::string large(2'000'000, 'x');
        CHECK(line.ask(make(verb::set, "k", "old")).what == status::ok);
        CHECK(line.ask(make(verb::set, "k", large)).error == errc::value_too_large);
        CHECK(line.ask(make(verb::get, "other")).what == status::miss);
        CHECK(line.ask(make(verb::set, "k", "new")).what == status::ok);
        CHECK(line.ask(make(verb::append, "other", large)).error == errc::value_too_large);
        CHECK(line.ask(make(verb::get, "k")).value == "new");
    }
}

TEST_CASE("what classic cannot say is refused, and meta and binary agree on it") {
    std::vector<std::string> transcripts;
    for (const auto spoken : {protocol::meta, protocol::binary}) {
        forked_memcached server;
        wire line(server.port(), spoken);
        std::string transcript;
        const auto ask = [&](const command& c) {
            if (spoken == protocol::binary) {
                CHECK(classic_refusal(c) ==
                      (is_valid_key(c.key.view()) ? errc::unsupported : errc::invalid_key));
            }
            answer got = line.ask(c);
            transcript += describe(got) + '\n';
            return got;
        };
        const auto cas_of = [&](std::string_view key) {
            return line.ask(make(verb::get, key)).cas;
        };
        command made = counted(verb::increment, "n", 2);
        made.has_initial = true;
        made.initial = 40;
        ask(made);
        ask(made);
        made = counted(verb::decrement, "m", 2);
        made.has_initial = true;
        made.initial = 0xffffffffffffffff;
        made.expiry = 100;
        ask(made);
        ask(made);
        CHECK(line.ask(make(verb::set, "k", "a")).what == status::ok);
        ask(compared(make(verb::append, "k", "b"), cas_of("k") + 1000));
        ask(compared(make(verb::append, "k", "c"), cas_of("k")));
        ask(compared(make(verb::prepend, "k", "d"), cas_of("k")));
        ask(compared(make(verb::append, "absent", "b"), 5));
        CHECK(line.ask(make(verb::get, "k")).value == "dac");
        ask(compared(counted(verb::increment, "n", 1), cas_of("n") + 1000));
        ask(compared(counted(verb::increment, "n", 1), cas_of("n")));
        ask(compared(make(verb::remove, "k"), cas_of("k") + 1000));
        ask(compared(make(verb::remove, "k"), cas_of("k")));
        ask(compared(make(verb::remove, "k"), 5));
        const std::string key("a b\r\n\0\xff", 7);
        ask(make(verb::set, key, "of any bytes"));
        ask(make(verb::get, key));
        ask(make(verb::remove, key));
        transcripts.push_back(transcript);
        CHECK(line.is_drained());
    }
    constexpr std::string_view expected =
        "ok number 40 []\nok number 42 []\nok number 18446744073709551615 []\n"
        "ok number 18446744073709551613 []\nexists []\nok []\nok []\nnot stored []\nexists []\n"
        "ok number 43 []\nexists []\nok []\nnot found []\nok []\nok [of any bytes]\nok []\n";
    CHECK(transcripts[0] == expected);
    CHECK(transcripts[1] == expected);
}

TEST_CASE("stores and counters over meta and binary are told the cas a read then finds") {
    for (const auto spoken : {protocol::meta, protocol::binary}) {
        forked_memcached server;
        wire line(server.port(), spoken);
        for (const auto& c : {make(verb::set, "k", "1"), make(verb::replace, "k", "2"),
                              counted(verb::increment, "k", 2), make(verb::append, "k", "2")}) {
            const std::uint64_t cas = line.ask(c).cas;
            CHECK(cas != 0);
            CHECK(line.ask(make(verb::get, "k")).cas == cas);
        }
    }
}

TEST_CASE("binary keys take every byte up to 250 of them") {
    forked_memcached server;
    wire line(server.port(), protocol::binary);
    for (int byte = 0; byte < 256; ++byte) {
        const std::string key(static_cast<std::size_t>(250 - byte % 4), static_cast<char>(byte));
        CAPTURE(byte);
        CHECK(line.ask(make(verb::set, key, std::to_string(byte))).what == status::ok);
        CHECK(line.ask(make(verb::get, key)).value == std::to_string(byte));
    }
}

TEST_CASE("quiet frames say what loud ones do, by silence where that is the answer") {
    forked_memcached server;
    wire line(server.port(), protocol::binary);
    const auto told = [&](const command& c) { return describe(line.ask(c, true)); };
    CHECK(told(make(verb::get, "k")) == "miss []");
    CHECK(told(make(verb::set, "k", "v")) == "ok []");
    CHECK(told(make(verb::get, "k")) == "ok [v]");
    CHECK(told(make(verb::add, "k", "v")) == "not stored []");
    CHECK(told(make(verb::replace, "absent", "v")) == "not stored []");
    CHECK(told(make(verb::append, "absent", "v")) == "not stored []");
    CHECK(told(make(verb::append, "k", "w")) == "ok []");
    CHECK(told(make(verb::prepend, "k", "u")) == "ok []");
    CHECK(told(make(verb::prepend, "absent", "u")) == "not stored []");
    CHECK(told(expiring(make(verb::get_and_touch, "k"), 0)) == "ok [uvw]");
    CHECK(told(expiring(make(verb::get_and_touch, "absent"), 0)) == "miss []");
    CHECK(told(compared(make(verb::set, "k", "v"), 1)) == "exists []");
    CHECK(told(compared(make(verb::replace, "absent", "v"), 1)) == "not found []");
    CHECK(told(counted(verb::increment, "k", 1)) == "the stored value is not a number");
    CHECK(told(counted(verb::decrement, "absent", 1)) == "miss []");
    CHECK(told(make(verb::remove, "k")) == "ok []");
    CHECK(told(make(verb::remove, "k")) == "not found []");
    CHECK(line.is_drained());
}

TEST_CASE("many keys come back over one gets line, and over quiet frames up to a noop") {
    forked_memcached server;
    wire line(server.port(), protocol::classic);
    std::vector<std::string> keys;
    for (int i = 0; i < 250; ++i) {
        keys.push_back("key" + std::to_string(i) + std::string(25, 'k'));
        if (i % 3 != 0)
            REQUIRE(line.ask(make(verb::set, keys.back(), keys.back())).what == status::ok);
    }
    std::string bytes;
    encode_classic_gets(keys, bytes);
    line.send(bytes);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i % 3 == 0) continue;
        answer got;
        std::string_view key;
        const reply r = line.line();
        REQUIRE(parse_value_line(r, key, got));
        CHECK(key == keys[i]);
        CHECK(got.bytes() == keys[i]);
        CHECK(got.cas != 0);
        line.drop();
    }
    CHECK(line.line().kind == reply_kind::end);
    line.drop();
    CHECK(line.is_drained());

    wire frames(server.port(), protocol::binary);
    bytes.clear();
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
        encode_binary(make(verb::get, keys[i]), i, true, bytes);
    }
    encode_binary_noop(1000, bytes);
    frames.send(bytes);
    std::size_t hits = 0;
    for (;;) {
        const binary_reply r = frames.frame();
        if (r.opcode == binary_opcode::noop) break;
        answer got;
        REQUIRE(parse_binary_answer(verb::get, r.opaque, r, got));
        CHECK(got.bytes() == keys.at(r.opaque));
        ++hits;
        frames.drop();
    }
    CHECK(hits == 166);
}

TEST_CASE("admin commands are answered alike over every protocol") {
    using kind = admin_command::kind;
    for (const auto spoken : every_protocol) {
        CAPTURE(to_string(spoken));
        forked_memcached server;
        wire line(server.port(), spoken);
        const std::string version = line.ask(admin_command{kind::version, 0, ""}).value;
        REQUIRE(parse_server_version(version).has_value());
        CHECK(line.ask(make(verb::set, "k", "v")).what == status::ok);
        CHECK(line.ask(admin_command{kind::flush_all, 100, ""}).what == status::ok);
        CHECK(line.ask(make(verb::get, "k")).value == "v");
        CHECK(line.ask(admin_command{kind::flush_all, 0, ""}).what == status::ok);
        CHECK(line.ask(make(verb::get, "k")).what == status::miss);
        const std::string general = line.ask(admin_command{kind::stats, 0, ""}).value;
        CHECK(general.starts_with("pid " + std::to_string(server.pid()) + '\n'));
        CHECK(general.find("\nversion " + version + '\n') != std::string::npos);
        const std::string settings = line.ask(admin_command{kind::stats, 0, "settings"}).value;
        CHECK(settings.find("\nitem_size_max 1048576\n") != std::string::npos);
        for (const auto* group : {"reset", "detail on", "detail off", "items", "slabs", "sizes"}) {
            CAPTURE(group);
            const answer got = line.ask(admin_command{kind::stats, 0, group});
            CHECK(!got.error);
            CHECK(got.what == status::ok);
        }
        const answer barrier = line.ask(admin_command{kind::barrier, 0, ""});
        CHECK(barrier.what == status::ok);
        CHECK(barrier.value.empty());
        const answer verbosity = line.ask(admin_command{kind::verbosity, 1, ""});
        CHECK(verbosity.error == (spoken == protocol::binary ? make_error_code(errc::unsupported)
                                                             : std::error_code()));
        CHECK(line.ask(make(verb::get, "k")).what == status::miss);
        CHECK(line.is_drained());
    }
}

TEST_CASE("a handshake finds what a server speaks, whatever the server was told to") {
    struct expectation {
        std::vector<std::string> arguments;
        protocol wanted;
        protocol spoken;
    };
    const std::vector<expectation> expectations{
        {{}, protocol::automatic, protocol::meta},
        {{"-B", "ascii"}, protocol::automatic, protocol::meta},
        {{"-B", "auto"}, protocol::binary, protocol::binary},
        {{}, protocol::classic, protocol::classic}};
    for (const auto& expected : expectations) {
        forked_memcached server(expected.arguments);
        wire line(server.port(), expected.wanted);
        handshake talk({.wanted = expected.wanted, .asks_version = true});
        REQUIRE(line.greet(talk) == handshake_state::ready);
        CHECK(talk.spoken() == expected.spoken);
        CHECK(parse_server_version(talk.server_version()).has_value());
        CHECK(line.ask(make(verb::set, "k", "v")).what == status::ok);
        CHECK(line.ask(make(verb::get, "k")).value == "v");
    }
}

TEST_CASE("credentials of a -Y file let the text protocols in, and nothing else does") {
    const login_memcached login(login_memcached::protocol::text, "user", "secret");
    const std::uint16_t port = login.server.port();
    for (const auto wanted : {protocol::meta, protocol::classic, protocol::automatic}) {
        CAPTURE(to_string(wanted));
        wire line(port, wanted);
        handshake talk(credentials(wanted, "secret"));
        REQUIRE(line.greet(talk) == handshake_state::ready);
        CHECK(talk.spoken() == (wanted == protocol::classic ? wanted : protocol::meta));
        CHECK(line.ask(make(verb::set, "k", "v")).what == status::ok);
        CHECK(line.ask(make(verb::get, "k")).value == "v");
        CHECK(line.ask(make(verb::get, "memring_login")).what == status::miss);
        for (const auto* wrong : {"wrong", "secre", "secret ", ""}) {
            CAPTURE(wrong);
            wire stranger(port, wanted);
            handshake lie(credentials(wanted, wrong));
            CHECK(stranger.greet(lie) == handshake_state::failed);
            CHECK(lie.error() == errc::authentication_failed);
        }
    }
    wire nobody(port, protocol::automatic);
    handshake silence({.wanted = protocol::automatic});
    CHECK(nobody.greet(silence) == handshake_state::failed);
    CHECK(silence.error() == errc::authentication_failed);
}

TEST_CASE("a server that asks for no credentials does not keep those it is given") {
    forked_memcached server;
    wire line(server.port(), protocol::meta);
    handshake talk(credentials(protocol::meta, "secret"));
    REQUIRE(line.greet(talk) == handshake_state::ready);
    CHECK(line.ask(make(verb::get, "memring_login")).what == status::miss);

    wire frames(server.port(), protocol::binary);
    handshake plain(credentials(protocol::binary, "secret"));
    CHECK(frames.greet(plain) == handshake_state::failed);
    CHECK(plain.error() == errc::unsupported);
}

TEST_CASE("SASL lets the binary protocol in with the right password only") {
    const login_memcached login(login_memcached::protocol::sasl, "user", "secret");
    const std::uint16_t port = login.server.port();
    wire line(port, protocol::binary);
    handshake_options options = credentials(protocol::binary, "secret");
    options.asks_version = true;
    handshake talk(options);
    REQUIRE(line.greet(talk) == handshake_state::ready);
    CHECK(parse_server_version(talk.server_version()).has_value());
    CHECK(line.ask(make(verb::set, "k", "v")).what == status::ok);
    CHECK(line.ask(make(verb::get, "k")).value == "v");

    for (const auto* wrong : {"wrong", "", "secret "}) {
        CAPTURE(wrong);
        wire stranger(port, protocol::binary);
        handshake lie(credentials(protocol::binary, wrong));
        CHECK(stranger.greet(lie) == handshake_state::failed);
        CHECK(lie.error() == errc::authentication_failed);
    }
    wire nobody(port, protocol::binary);
    CHECK(nobody.ask(make(verb::get, "k")).error == errc::authentication_failed);
}
