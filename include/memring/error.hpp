#pragma once
// Every error memring itself reports, and the two conditions that answer "may I send it again?".
// Errors of the operating system (connection refused, host unreachable) are passed on unchanged;
// a miss, "not stored" and "exists" are values, never errors.

#include <string>
#include <string_view>
#include <system_error>

namespace memring {

/// What can go wrong. Comparable with `std::error_code` directly.
enum class errc {
    invalid_key = 1,         ///< empty, over 250 bytes, or with a space or control byte
    value_too_large,         ///< over the client's limit, or refused by the server for its size
    invalid_expiry,          ///< negative, past 2038, or a lease of 0 s or over 30 days
    invalid_node,            ///< empty host, port 0, malformed address or weight
    duplicate_node,          ///< the same host and port twice in one list
    no_nodes,                ///< the topology is empty
    unknown_node,            ///< the node named is not part of the topology
    timed_out,               ///< the deadline passed after the command was (partly) written
    timed_out_unsent,        ///< the deadline passed before the command was written
    connect_timed_out,       ///< no connection within the connect timeout
    host_not_found,          ///< the host name does not resolve
    connection_lost,         ///< the connection broke after the command was (partly) written
    connection_lost_unsent,  ///< the connection broke before the command was written
    malformed_reply,         ///< the server sent bytes that are no reply to what was asked
    server_error,            ///< SERVER_ERROR from the server
    client_error,            ///< CLIENT_ERROR or ERROR: the server refused the command
    out_of_memory,           ///< the server has no memory for the item
    not_a_number,            ///< incr or decr on a value that is no decimal number
    crawler_busy,            ///< the server's key crawler stayed busy or locked
    crawler_unavailable,     ///< the server does not let its keys be listed
    malformed_config,        ///< a configuration body that cannot be trusted
    no_config,               ///< the endpoint has no cluster configuration
    transition_running,      ///< another topology transition is under way
    contended,               ///< a read-modify-write lost every race until its deadline
    tls_untrusted,           ///< the server's certificate is not trusted, not valid or not its own
    tls_refused,             ///< the server ended the TLS handshake: no client certificate, mostly
    tls_failed,              ///< no TLS: not spoken there, no version or cipher in common
    unsupported,             ///< the server, protocol or value dialect cannot do this
    authentication_failed,   ///< the server wants credentials, or others than it was given
    malformed_value,         ///< a value's bytes are not what its flags say
    foreign_value,           ///< a value of a format that is not read: a pickle, an object
    wrong_value_type,        ///< a value of another type than asked for, or out of its range
    invalid_cas              ///< 0, which no server gives, as the number to compare with
};

/// Whether a failed operation may be sent again.
enum class condition {
    not_sent = 1,  ///< no byte of the command left this process: sending it again is always safe
    maybe_applied  ///< the server may have carried it out: safe to repeat only what is idempotent
};

[[nodiscard]] const std::error_category& memring_category() noexcept;
[[nodiscard]] const std::error_category& condition_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), memring_category()};
}

[[nodiscard]] inline std::error_condition make_error_condition(condition c) noexcept {
    return {static_cast<int>(c), condition_category()};
}

}  // namespace memring

template <>
struct std::is_error_code_enum<memring::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<memring::condition> : std::true_type {};

namespace memring {
namespace detail {

class error_category_type final : public std::error_category {
public:
    const char* name() const noexcept override { return "memring"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::invalid_key: return "invalid key: 1 to 250 bytes, no space, no control byte";
            case errc::value_too_large: return "value too large";
            case errc::invalid_expiry:
                return "invalid expiry: negative, too far away, or a lease of 0 s";
            case errc::invalid_node: return "invalid node";
            case errc::duplicate_node: return "duplicate node";
            case errc::no_nodes: return "no nodes in the topology";
            case errc::unknown_node: return "node is not part of the topology";
            case errc::timed_out: return "deadline passed, the command was sent";
            case errc::timed_out_unsent: return "deadline passed, the command was not sent";
            case errc::connect_timed_out: return "connect timed out";
            case errc::host_not_found: return "host not found";
            case errc::connection_lost: return "connection lost, the command was sent";
            case errc::connection_lost_unsent: return "connection lost, the command was not sent";
            case errc::malformed_reply: return "malformed reply from the server";
            case errc::server_error: return "server error";
            case errc::client_error: return "the server refused the command";
            case errc::out_of_memory: return "the server is out of memory";
            case errc::not_a_number: return "the stored value is not a number";
            case errc::crawler_busy: return "the server's key crawler is busy";
            case errc::crawler_unavailable: return "the server does not list its keys";
            case errc::malformed_config: return "malformed cluster configuration";
            case errc::no_config: return "the endpoint has no cluster configuration";
            case errc::transition_running: return "another topology transition is running";
            case errc::contended: return "lost every race for the key until the deadline";
            case errc::tls_untrusted: return "the server's certificate is not trusted";
            case errc::tls_refused: return "the server refused the TLS handshake";
            case errc::tls_failed: return "TLS handshake failed";
            case errc::unsupported: return "not supported by server, protocol or value dialect";
            case errc::authentication_failed: return "authentication failed";
            case errc::malformed_value: return "the value's bytes are not what its flags say";
            case errc::foreign_value: return "the value is of a format that is not read";
            case errc::invalid_cas: return "invalid cas: 0 is no number that a server gives";
            case errc::wrong_value_type: return "the value is of another type or out of range";
        }
        return "unknown memring error";
    }

    std::error_condition default_error_condition(int value) const noexcept override {
        switch (static_cast<errc>(value)) {
            case errc::timed_out:
            case errc::timed_out_unsent:
            case errc::connect_timed_out: return std::errc::timed_out;
            case errc::invalid_key:
            case errc::invalid_expiry:
            case errc::invalid_cas:
            case errc::invalid_node:
            case errc::duplicate_node: return std::errc::invalid_argument;
            case errc::value_too_large:
            case errc::no_nodes:
            case errc::unknown_node:
            case errc::host_not_found:
            case errc::connection_lost:
            case errc::connection_lost_unsent:
            case errc::malformed_reply:
            case errc::server_error:
            case errc::client_error:
            case errc::out_of_memory:
            case errc::not_a_number:
            case errc::crawler_busy:
            case errc::crawler_unavailable:
            case errc::malformed_config:
            case errc::no_config:
            case errc::transition_running:
            case errc::contended:
            case errc::tls_untrusted:
            case errc::tls_refused:
            case errc::tls_failed:
            case errc::unsupported:
            case errc::malformed_value:
            case errc::foreign_value:
            case errc::wrong_value_type: break;
            case errc::authentication_failed: return std::errc::permission_denied;
        }
        return {value, *this};
    }
};

class condition_category_type final : public std::error_category {
public:
    const char* name() const noexcept override { return "memring.condition"; }

    std::string message(int value) const override {
        switch (static_cast<condition>(value)) {
            case condition::not_sent: return "the command was not sent";
            case condition::maybe_applied: return "the command may have been applied";
        }
        return "unknown memring condition";
    }

    bool equivalent(const std::error_code& code, int value) const noexcept override {
        switch (static_cast<condition>(value)) {
            case condition::not_sent: return was_not_sent(code);
            case condition::maybe_applied:
                return code == errc::timed_out || code == errc::connection_lost ||
                       code == errc::malformed_reply || code == errc::server_error ||
                       was_cancelled(code);
        }
        return false;
    }

private:
    // Asio before 1.23 has a category of its own for the system's errors, unknown to std::errc.
    static bool was_cancelled(const std::error_code& code) noexcept {
        return code == std::errc::operation_canceled ||
               (code.value() == static_cast<int>(std::errc::operation_canceled) &&
                std::string_view(code.category().name()) == "asio.system");
    }

    static bool was_not_sent(const std::error_code& code) noexcept {
        if (code.category() == memring_category()) {
            switch (static_cast<errc>(code.value())) {
                case errc::invalid_key:
                case errc::invalid_expiry:
                case errc::invalid_cas:
                case errc::invalid_node:
                case errc::duplicate_node:
                case errc::no_nodes:
                case errc::unknown_node:
                case errc::timed_out_unsent:
                case errc::connect_timed_out:
                case errc::host_not_found:
                case errc::connection_lost_unsent:
                case errc::transition_running:
                case errc::authentication_failed:
                case errc::tls_untrusted:
                case errc::tls_refused:
                case errc::tls_failed: return true;
                case errc::value_too_large:
                case errc::timed_out:
                case errc::connection_lost:
                case errc::malformed_reply:
                case errc::server_error:
                case errc::client_error:
                case errc::out_of_memory:
                case errc::not_a_number:
                case errc::crawler_busy:
                case errc::crawler_unavailable:
                case errc::malformed_config:
                case errc::no_config:
                case errc::contended:
                case errc::unsupported:
                case errc::malformed_value:
                case errc::foreign_value:
                case errc::wrong_value_type: return false;
            }
            return false;
        }
        // What only a connect can fail with.
        return code == std::errc::connection_refused || code == std::errc::host_unreachable ||
               code == std::errc::network_unreachable || code == std::errc::network_down ||
               code == std::errc::address_not_available ||
               code == std::errc::address_family_not_supported ||
               // what breaks after a write is connection_lost, so these too are a connect's
               code == std::errc::timed_out || code == std::errc::connection_reset ||
               code == std::errc::connection_aborted || code == std::errc::permission_denied ||
               code == std::errc::operation_not_permitted ||
               code == std::errc::too_many_files_open ||
               code == std::errc::too_many_files_open_in_system ||
               // a UNIX socket that is not there, or is something else
               code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory ||
               code == std::errc::filename_too_long ||
               code == std::errc::too_many_symbolic_link_levels ||
               code == std::errc::wrong_protocol_type || code == std::errc::no_buffer_space;
    }
};

}  // namespace detail

/// The category of `errc`. Thread-safe.
inline const std::error_category& memring_category() noexcept {
    static const detail::error_category_type category;
    return category;
}

/// The category of `condition`. Thread-safe.
inline const std::error_category& condition_category() noexcept {
    static const detail::condition_category_type category;
    return category;
}

}  // namespace memring
