#pragma once
// The login over text as memcached 1.6.18 with `-Y` answers it: a `set` of any key whose value is
// "name password". Nothing else is answered before that.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

/// The line of a connection that has not logged in yet.
inline void run_text_login(const command_line& line) {
    const auto& words = line.words;
    const auto size =
        words.size() < 5 || words[0] != "set" ? std::nullopt : parse_counter(words[4]);
    if (!size) {
        line.out += "CLIENT_ERROR unauthenticated\r\n";
        return;
    }
    auto& pending = line.session.pending.emplace();
    pending.size = static_cast<std::uint32_t>(*size);
    pending.use = value_use::text_login;
}

/// The value of that line.
inline void finish_text_login(server_state& server, session_state& session, std::string_view value,
                              std::string& out) {
    const auto words = words_of(value);
    if (words.size() < 2) {
        out += "CLIENT_ERROR bad authentication token format\r\n";
        return;
    }
    ++server.counters.logins;
    session.is_logged_in = words[0] == server.login->user && words[1] == server.login->password;
    if (!session.is_logged_in) ++server.counters.failed_logins;
    out += session.is_logged_in ? "STORED\r\n" : "CLIENT_ERROR authentication failure\r\n";
}

}  // namespace memring::testing
