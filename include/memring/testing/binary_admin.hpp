#pragma once
// The binary commands that are not about one item: noop, version, stat, flush, quit and SASL.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/testing/binary_commands.hpp>
#include <memring/testing/binary_frame.hpp>
#include <memring/testing/login.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/server_stats.hpp>

namespace memring::testing {

namespace detail {

// memcached compares as many letters as its own word has, and answers a reset with the end frame
// alone.
inline void binary_stat(const binary_request& request) {
    const auto topic = request.key;
    if (!request.extras.empty()) return refuse(request);
    std::optional<stat_list> stats;
    if (topic.starts_with("reset")) {
        reset_stats(request.server);
        stats.emplace();
    } else {
        stats = stats_about(request.server, topic.starts_with("settings") ? "settings" : topic);
    }
    if (!stats) return answer_failure(request, frame_status::not_found);
    for (const auto& [name, value] : *stats) {
        append_frame(request.header, {.key = name, .value = value}, request.out);
    }
    append_frame(request.header, {}, request.out);
}

inline void binary_flush(const binary_request& request) {
    auto& items = request.server.items;
    const bool has_time = request.extras.size() == 4;
    if (!request.key.empty() || request.value_size() != 0 ||
        !(has_time || request.extras.empty())) {
        return refuse(request);
    }
    const auto delay = has_time ? extras_number(request, 0) : 0;
    items.flush(delay == 0 ? items.now() : items.unsigned_expiry_time(delay));
    ++request.server.counters.flushes;
    answer_success(request);
}

// The mechanisms, and the login itself once its data are there. Whoever asks for the mechanisms
// logs out by it.
inline void binary_sasl(const binary_request& request) {
    const bool is_listing = request.header.what == opcode::sasl_mechanisms;
    const bool has_key = !request.key.empty();
    if (is_listing ? request.header.body_size != 0 : !(has_key && request.extras.empty())) {
        return refuse(request);
    }
    if (!request.server.login) {
        answer_failure(request, frame_status::unknown_command);
        request.session.to_swallow = request.value_size();
        return;
    }
    if (is_listing) {
        request.session.is_logged_in = false;
        return answer_success(request, 0, "PLAIN");
    }
    constexpr std::size_t longest_name = 32;
    if (request.key.size() > longest_name) {
        answer_failure(request, frame_status::invalid);
        request.session.to_swallow = request.value_size();
        return;
    }
    if (stored_size(request.key, request.value_size(), 0) > largest_slab_chunk) {
        answer_failure(request, frame_status::no_memory);
        request.session.to_swallow = request.value_size();
        return;
    }
    auto& pending = request.session.pending.emplace();
    pending.request.key = request.key;
    pending.size = request.value_size();
    pending.use = value_use::sasl;
    pending.header = request.header;
}

// As libsasl2 has it: a success ends the exchange, and what comes after it fails; a start that
// fails so makes the next start possible again.
inline void finish_sasl(server_state& server, session_state& session, const pending_store& done,
                        std::string_view data, std::string& out) {
    const bool is_start = done.header.what == opcode::sasl_auth;
    const bool is_known = is_plain(done.request.key);
    session.is_logged_in = false;
    if (is_start && is_known && data.empty()) {
        session.has_sasl_started = true;
        return append_frame(done.header, {.status = frame_status::auth_continue}, out);
    }
    const bool may_succeed =
        !session.is_sasl_done && (is_start ? is_known : session.has_sasl_started);
    session.is_logged_in = may_succeed && is_right_plain(data, *server.login);
    if (is_start) session.has_sasl_started = session.is_logged_in;
    if (is_start || session.is_logged_in) session.is_sasl_done = session.is_logged_in;
    ++server.counters.logins;
    if (session.is_logged_in) return append_frame(done.header, {.value = "Authenticated"}, out);
    ++server.counters.failed_logins;
    const auto failure = frame_status::auth_error;
    append_frame(done.header, {.status = failure, .value = status_text(failure)}, out);
}

[[nodiscard]] inline bool is_allowed(const binary_request& request) {
    const auto what = request.header.what;
    return !request.server.login || request.session.is_logged_in ||
           what == opcode::sasl_mechanisms || what == opcode::sasl_auth ||
           what == opcode::sasl_step || what == opcode::version;
}

// What an unknown command swallows is its whole body, of which key and extras are read already: so
// it takes bytes of the next request with it, as in memcached.
inline void run_admin_request(const binary_request& request) {
    const auto& header = request.header;
    const auto what = request.command().what;
    if (what == opcode::stat) return binary_stat(request);
    if (what == opcode::flush) return binary_flush(request);
    if (what == opcode::sasl_mechanisms || what == opcode::sasl_auth || what == opcode::sasl_step) {
        return binary_sasl(request);
    }
    if (what != opcode::noop && what != opcode::version && what != opcode::quit) {
        answer_failure(request, frame_status::unknown_command);
        request.session.to_swallow = header.body_size;
        return;
    }
    if (header.body_size != 0) return refuse(request);
    answer_success(request, 0, what == opcode::version ? request.server.version : "");
    request.session.wants_close = what == opcode::quit;
    request.session.flushes = what == opcode::noop;
}

}  // namespace detail

/// Carries out a binary command, or leaves it in the session until its value is there.
inline void run_binary_command(const binary_request& request) {
    const auto& header = request.header;
    if (header.key_size + header.extras_size > header.body_size) {
        return detail::refuse(request, frame_status::unknown_command);
    }
    if (!detail::is_allowed(request)) return detail::refuse(request, frame_status::auth_error);
    if (request.key.size() > max_key_size) return detail::refuse(request);
    const auto what = request.command().what;
    const bool touches =
        what == opcode::touch || what == opcode::get_and_touch || what == opcode::get_key_and_touch;
    const bool is_too_new = touches && !request.server.features.has_touch;
    if (is_too_new || !run_binary_item_command(request)) detail::run_admin_request(request);
}

}  // namespace memring::testing
