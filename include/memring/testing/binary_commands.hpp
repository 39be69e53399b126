#pragma once
// The binary commands on items as memcached 1.6.18 answers them: reads, stores, delete, touch and
// arithmetic, and their quiet forms. Quiet keeps back what went well, and a read's miss; every
// other failure is told.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/testing/binary_frame.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>

namespace memring::testing {

namespace detail {

inline void answer_failure(const binary_request& request, frame_status status) {
    append_frame(request.header, {.status = status, .value = status_text(status)}, request.out);
}

// Of a request that makes no sense: memcached takes no more from this connection.
inline void refuse(const binary_request& request, frame_status status = frame_status::invalid) {
    answer_failure(request, status);
    request.session.wants_close = true;
}

inline void answer_success(const binary_request& request, std::uint64_t cas = 0,
                           std::string_view value = {}) {
    if (request.command().is_quiet) return;
    append_frame(request.header, {.value = value, .cas = cas}, request.out);
}

[[nodiscard]] inline std::uint32_t extras_number(const binary_request& request, std::size_t at) {
    return static_cast<std::uint32_t>(read_big_endian(request.extras.substr(at, 4)));
}

inline void binary_read(const binary_request& request) {
    auto& server = request.server;
    const auto [what, is_quiet] = request.command();
    const bool touches =
        what == opcode::touch || what == opcode::get_and_touch || what == opcode::get_key_and_touch;
    const bool tells_key = what == opcode::get_key || what == opcode::get_key_and_touch;
    const bool is_legal =
        request.extras.size() == (touches ? 4U : 0U) && (touches || request.value_size() == 0);
    if (!is_legal || request.key.empty()) return refuse(request);
    stored_item* const item = server.items.find(request.key);
    if (touches) {
        server.count_touch(request.key, item);
    } else {
        server.count_get(request.key, item);
    }
    const auto told_key = tells_key ? request.key : std::string_view();
    if (item == nullptr) {
        if (is_quiet) return;
        if (!tells_key) return answer_failure(request, frame_status::not_found);
        const frame_content missing{.status = frame_status::not_found, .key = told_key};
        return append_frame(request.header, missing, request.out);
    }
    if (touches) item->expires_at = server.items.unsigned_expiry_time(extras_number(request, 0));
    server.items.touch_read(*item);
    std::string flags;
    append_big_endian(item->flags, 4, flags);
    const auto value = what == opcode::touch ? std::string_view() : std::string_view(item->value);
    append_frame(request.header,
                 {.extras = flags, .key = told_key, .value = value, .cas = item->cas}, request.out);
}

[[nodiscard]] inline store_mode store_mode_of(opcode what) {
    if (what == opcode::add) return store_mode::add;
    if (what == opcode::replace) return store_mode::replace;
    if (what == opcode::append) return store_mode::append;
    if (what == opcode::prepend) return store_mode::prepend;
    return store_mode::set;
}

inline void begin_binary_store(const binary_request& request) {
    auto& items = request.server.items;
    auto mode = store_mode_of(request.command().what);
    const bool extends = mode == store_mode::append || mode == store_mode::prepend;
    if (request.key.empty() || request.extras.size() != (extends ? 0U : 8U)) {
        return refuse(request);
    }
    const auto size = request.value_size();
    const std::uint32_t flags = extends ? 0 : extras_number(request, 0);
    if (items.is_too_large(request.key, size, flags)) {
        answer_failure(request, frame_status::too_large);
        if (mode == store_mode::set) items.erase(request.key);
        constexpr std::size_t largest = 0x7fffffff;  // the size is a negative one above that
        request.session.to_swallow = size > largest ? 0 : size;
        return;
    }
    // add with a cas is a compare-and-swap as well
    if (!extends && request.header.cas != 0) mode = store_mode::cas;
    auto& pending = request.session.pending.emplace();
    pending.request = {
        .key = std::string(request.key),
        .flags = flags,
        .expires_at = extends ? 0 : items.unsigned_expiry_time(extras_number(request, 4)),
        .mode = mode,
        .compare = request.header.cas};
    pending.size = size;
    pending.use = value_use::binary;
    pending.is_quiet = request.command().is_quiet;
    pending.header = request.header;
}

[[nodiscard]] inline frame_status status_of(store_outcome outcome, store_mode mode) {
    switch (outcome) {
        case store_outcome::stored: return frame_status::ok;
        case store_outcome::exists: return frame_status::exists;
        case store_outcome::not_found: return frame_status::not_found;
        case store_outcome::not_stored: break;
    }
    if (mode == store_mode::add) return frame_status::exists;
    if (mode == store_mode::replace) return frame_status::not_found;
    return frame_status::not_stored;
}

inline void append_binary_outcome(const pending_store& done, store_outcome outcome,
                                  std::uint64_t cas, std::string& out) {
    const auto status = status_of(outcome, done.request.mode);
    const bool is_ok = status == frame_status::ok;
    if (is_ok && done.is_quiet) return;
    append_frame(done.header,
                 {.status = status, .value = status_text(status), .cas = is_ok ? cas : 0}, out);
}

inline void binary_delete(const binary_request& request) {
    auto& server = request.server;
    if (request.key.empty() || !request.extras.empty() || request.value_size() != 0) {
        return refuse(request);
    }
    ++server.counters.deletes;
    const stored_item* const item = server.items.find(request.key);
    if (item == nullptr) {
        ++server.counters.delete_misses;
        return answer_failure(request, frame_status::not_found);
    }
    if (request.header.cas != 0 && request.header.cas != item->cas) {
        return answer_failure(request, frame_status::exists);
    }
    ++server.class_of(request.key, *item).delete_hits;
    server.items.erase(request.key);
    answer_success(request);
}

inline void binary_arithmetic(const binary_request& request) {
    auto& server = request.server;
    const bool is_up = request.command().what == opcode::increment;
    if (request.key.empty() || request.extras.size() != 20 || request.value_size() != 0) {
        return refuse(request);
    }
    const auto delta = read_big_endian(request.extras.substr(0, 8));
    const auto initial = read_big_endian(request.extras.substr(8, 8));
    const auto expiry = extras_number(request, 16);
    const auto answer_number = [&](std::uint64_t number, std::uint64_t cas) {
        std::string bytes;
        append_big_endian(number, 8, bytes);
        answer_success(request, cas, bytes);
    };
    const auto result = apply_delta(
        server, request.key, {.is_up = is_up, .delta = delta, .compare = request.header.cas});
    constexpr std::uint32_t makes_none = 0xffffffff;
    switch (result.outcome) {
        case delta_outcome::ok: return answer_number(result.number, result.item->cas);
        case delta_outcome::not_numeric: return answer_failure(request, frame_status::not_numeric);
        case delta_outcome::exists: return answer_failure(request, frame_status::exists);
        case delta_outcome::not_found: break;
    }
    if (expiry == makes_none) {
        ++(is_up ? server.counters.increment_misses : server.counters.decrement_misses);
        return answer_failure(request, frame_status::not_found);
    }
    const auto& fresh =
        server.items.put(request.key, {.value = std::to_string(initial),
                                       .expires_at = server.items.unsigned_expiry_time(expiry)});
    answer_number(initial, fresh.cas);
}

}  // namespace detail

/// Carries out a binary command on an item, or leaves it in the session until its value is there.
/// False if it is none.
inline bool run_binary_item_command(const binary_request& request) {
    switch (request.command().what) {
        case opcode::get:
        case opcode::get_key:
        case opcode::touch:
        case opcode::get_and_touch:
        case opcode::get_key_and_touch: detail::binary_read(request); return true;
        case opcode::set:
        case opcode::add:
        case opcode::replace:
        case opcode::append:
        case opcode::prepend: detail::begin_binary_store(request); return true;
        case opcode::remove: detail::binary_delete(request); return true;
        case opcode::increment:
        case opcode::decrement: detail::binary_arithmetic(request); return true;
        case opcode::quit:
        case opcode::flush:
        case opcode::noop:
        case opcode::version:
        case opcode::stat:
        case opcode::verbosity:
        case opcode::sasl_mechanisms:
        case opcode::sasl_auth:
        case opcode::sasl_step:
        case opcode::get_quiet:
        case opcode::get_key_quiet:
        case opcode::set_quiet:
        case opcode::add_quiet:
        case opcode::replace_quiet:
        case opcode::remove_quiet:
        case opcode::increment_quiet:
        case opcode::decrement_quiet:
        case opcode::quit_quiet:
        case opcode::flush_quiet:
        case opcode::append_quiet:
        case opcode::prepend_quiet:
        case opcode::get_and_touch_quiet:
        case opcode::get_key_and_touch_quiet: break;
    }
    return false;
}

}  // namespace memring::testing
