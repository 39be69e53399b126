#pragma once
// What a failed request is counted as: few enough kinds for a label of a time series.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>

namespace memring {

enum class error_kind : std::uint8_t {
    not_sent,         ///< no byte left this process: no connection, or its deadline passed unsent
    timed_out,        ///< sent, and no answer before the deadline
    connection_lost,  ///< sent, and the connection broke
    malformed_reply,  ///< what came back was no reply to what was asked
    server_error,     ///< SERVER_ERROR, out of memory among them
    refused,          ///< CLIENT_ERROR, ERROR, too large, not a number, not supported
    cancelled,        ///< by the application, or because the client was stopped
    other             ///< anything else, errors of the system among them
};

inline constexpr std::array all_error_kinds{
    error_kind::not_sent,        error_kind::timed_out,    error_kind::connection_lost,
    error_kind::malformed_reply, error_kind::server_error, error_kind::refused,
    error_kind::cancelled,       error_kind::other};

/// As a label spells it.
[[nodiscard]] constexpr std::string_view to_string(error_kind kind) noexcept {
    switch (kind) {
        case error_kind::not_sent: return "not_sent";
        case error_kind::timed_out: return "timed_out";
        case error_kind::connection_lost: return "connection_lost";
        case error_kind::malformed_reply: return "malformed_reply";
        case error_kind::server_error: return "server_error";
        case error_kind::refused: return "refused";
        case error_kind::cancelled: return "cancelled";
        case error_kind::other: return "other";
    }
    return "other";
}

/// The kind of `error`, which is set.
[[nodiscard]] inline error_kind kind_of(const std::error_code& error) noexcept {
    if (error == errc::timed_out) return error_kind::timed_out;
    if (error == errc::connection_lost) return error_kind::connection_lost;
    if (error == errc::malformed_reply) return error_kind::malformed_reply;
    if (error == errc::server_error || error == errc::out_of_memory) {
        return error_kind::server_error;
    }
    if (error == errc::client_error || error == errc::value_too_large ||
        error == errc::not_a_number || error == errc::unsupported) {
        return error_kind::refused;
    }
    // Asio before 1.23 has a category of its own for the system's errors, unknown to std::errc.
    if (error == std::errc::operation_canceled ||
        (error.value() == static_cast<int>(std::errc::operation_canceled) &&
         std::string_view(error.category().name()) == "asio.system")) {
        return error_kind::cancelled;
    }
    return error == condition::not_sent ? error_kind::not_sent : error_kind::other;
}

}  // namespace memring
