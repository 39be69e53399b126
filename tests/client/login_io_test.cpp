// Logging in to real memcached servers: by the file of `-Y` over the text protocols, by SASL over
// the binary protocol.

#include <chrono>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>

#include "../support/clients.hpp"
#include "../support/login_memcached.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::login_memcached;

client_options speaking(protocol speaks, const credentials& login) {
    return {.timeout = 20s,
            .connect_timeout = 20s,
            .speaks = speaks,
            .backoff = {.first = 0ms},
            .login = login};
}

void check_logins(login_memcached::protocol how, const std::vector<protocol>& every) {
    const login_memcached asking(how, "user", "secret");
    const std::vector<node> nodes{{"127.0.0.1", asking.server.port()}};
    for (const protocol speaks : every) {
        CAPTURE(static_cast<int>(speaks));
        blocking_client<client<>> right(nodes, speaking(speaks, {"user", "secret"}));
        CHECK(right.set("k", "1") == store_result::stored);
        CHECK(right.increment("k", 1) == 2u);
        const std::vector<entry> entries{{"a", "1"}, {"b", "2"}};
        for (const auto& each : right.set_many(entries)) CHECK(each.value == store_result::stored);
        CHECK(right.get("b")->value == "2");
        CHECK(right.version()[0].value.starts_with("1."));

        for (const credentials& login :
             {credentials{"user", "guess"}, credentials{"root", "secret"}, credentials{"user", ""},
              credentials{"user", "secret and more"}, credentials{}}) {
            CAPTURE(login.user);
            CAPTURE(login.password);
            blocking_client<client<>> wrong(nodes, speaking(speaks, login));
            for (int i = 0; i < 3; ++i) {
                std::error_code error;
                CHECK(wrong.set("k", "stolen", error) == store_result::not_stored);
                // With SASL memcached answers a stranger and closes without reading the value, and
                // the reset may outrun the answer.
                const bool is_reset =
                    speaks == protocol::binary && login.empty() && error == errc::connection_lost;
                CHECK((is_reset || error == errc::authentication_failed));
                CHECK_FALSE(wrong.get("k", error));
                CHECK(error == errc::authentication_failed);
                CHECK(error == condition::not_sent);
            }
        }
        CHECK(right.get("k")->value == "2");
        CHECK_FALSE(right.get("memring_login"));
        CHECK(right.remove("k"));
    }
}

}  // namespace

TEST_CASE("memcached's file of passwords lets in who knows one, over meta and classic") {
    check_logins(login_memcached::protocol::text,
                 {protocol::meta, protocol::classic, protocol::automatic});
}

TEST_CASE("memcached's SASL lets in who knows the password, over binary") {
    check_logins(login_memcached::protocol::sasl, {protocol::binary});
}
