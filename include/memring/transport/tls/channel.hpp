#pragma once
// One TLS conversation over a connected socket: OpenSSL on one side, the socket's non-blocking
// calls on the other. Never waits; whoever owns it waits and sends, and tries again.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/steady_timer.hpp>

#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/transport/tcp.hpp>
#include <memring/transport/tls/context.hpp>

namespace memring::detail {

enum class tls_step : std::uint8_t { done, wants_input, failed };

/// Shared by the operations on it, which find `is_closed()` once the transport has gone on without
/// it; the socket is not touched any more then. Thread-safety: none.
class tls_channel {
public:
    using socket_type = tcp_transport::socket_type;

    /// `session` may be null. Check `is_usable()`.
    tls_channel(const tls_context& context, socket_type& socket, const node& peer,
                SSL_SESSION* session);
    tls_channel(const tls_channel&) = delete;
    tls_channel& operator=(const tls_channel&) = delete;

    [[nodiscard]] bool is_usable() const noexcept { return x_is_usable; }
    [[nodiscard]] bool is_closed() const noexcept { return x_is_closed; }
    [[nodiscard]] bool is_established() const noexcept { return x_is_established; }
    [[nodiscard]] bool has_offered_session() const noexcept { return x_has_offered_session; }
    [[nodiscard]] socket_type& socket() noexcept { return x_socket; }
    [[nodiscard]] asio::steady_timer& timer() noexcept { return x_timer; }
    [[nodiscard]] SSL* native_handle() noexcept { return x_ssl.get(); }

    /// Of the last step that failed.
    [[nodiscard]] std::error_code error() const noexcept { return x_error; }

    /// Whether this end is through with the handshake while the server may yet refuse: TLS 1.3
    /// tells a client whose certificate was asked for only afterwards.
    [[nodiscard]] bool awaits_verdict() const noexcept {
        return x_may_be_refused && !x_news.has_session;
    }
    void stop_waiting_for_verdict() noexcept { x_may_be_refused = false; }

    [[nodiscard]] tls_step handshake() noexcept;
    /// Decrypts what has arrived, at least one byte if `done`.
    [[nodiscard]] tls_step read(asio::mutable_buffer into, std::size_t& size) noexcept;
    /// Whether there is something to read; takes in what TLS itself sends between.
    [[nodiscard]] tls_step look() noexcept;
    /// Encrypts the beginning of `bytes`: how much of them, 0 for an error.
    [[nodiscard]] std::size_t write(std::string_view bytes);

    /// What `write` and `handshake` want sent. It stays where it is until `sent`.
    [[nodiscard]] bool has_output() const noexcept {
        return !x_sending.empty() || !x_pending.empty();
    }
    [[nodiscard]] asio::const_buffer output();
    void sent(std::size_t size);

    /// Says goodbye to the server if that is possible without waiting. The session to offer next
    /// time, if the server gave one.
    tls_session_ptr close() noexcept;

    static constexpr std::size_t record_size = SSL3_RT_MAX_PLAIN_LENGTH;
    static constexpr std::size_t write_limit = 4 * record_size;  ///< bytes a single write takes

private:
    static const BIO_METHOD* bio_method();
    static int on_output(BIO* bio, const char* bytes, int size);
    static int on_input(BIO* bio, char* into, int size);
    static long on_control(BIO* bio, int what, long, void*);

    bool expect(const tls_context& context, const node& peer);
    bool encrypt(std::string_view bytes) noexcept;
    void send_at_once() noexcept;
    [[nodiscard]] tls_step judge(int result) noexcept;
    [[nodiscard]] std::error_code reason() const noexcept;

    tls_context x_context;
    socket_type& x_socket;
    asio::steady_timer x_timer;
    tls_news x_news;  // before what writes to it
    std::unique_ptr<SSL, openssl_deleter> x_ssl;
    std::string x_sending;  // records that the socket is reading from
    std::string x_pending;  // records behind them
    std::error_code x_socket_error;
    std::error_code x_error;
    bool x_is_usable = false;
    bool x_is_closed = false;
    bool x_is_established = false;
    bool x_has_failed = false;
    bool x_has_offered_session = false;
    bool x_has_received = false;
    bool x_may_be_refused = false;
    bool x_is_inside_burst = false;
};

inline tls_channel::tls_channel(const tls_context& context, socket_type& socket, const node& peer,
                                SSL_SESSION* session)
    : x_context(context),
      x_socket(socket),
      x_timer(socket.get_executor()),
      x_ssl(SSL_new(context.native_handle())) {
    BIO* const bio = x_ssl ? BIO_new(bio_method()) : nullptr;
    if (bio == nullptr) return;
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(x_ssl.get(), bio, bio);  // which takes it over
    SSL_set_app_data(x_ssl.get(), &x_news);
    SSL_set_connect_state(x_ssl.get());
    x_is_usable = expect(context, peer);
    if (x_is_usable && session != nullptr && SSL_SESSION_is_resumable(session) == 1) {
        x_has_offered_session = SSL_set_session(x_ssl.get(), session) == 1;
    }
}

// The name to look for in the certificate, and to tell the server.
inline bool tls_channel::expect(const tls_context& context, const node& peer) {
    std::string name = context.server_name().empty() ? peer.host : context.server_name();
    if (name.ends_with('.')) name.pop_back();
    auto* const verify = SSL_get0_param(x_ssl.get());
    std::error_code is_name;
    const auto address = asio::ip::make_address(name, is_name);
    if (!is_name) {
        if (!context.verifies_name()) return true;
        if (address.is_v4()) {
            const auto bytes = address.to_v4().to_bytes();
            return X509_VERIFY_PARAM_set1_ip(verify, bytes.data(), bytes.size()) == 1;
        }
        const auto bytes = address.to_v6().to_bytes();
        return X509_VERIFY_PARAM_set1_ip(verify, bytes.data(), bytes.size()) == 1;
    }
    if (!name.starts_with('/') && SSL_set_tlsext_host_name(x_ssl.get(), name.c_str()) != 1) {
        return false;
    }
    if (!context.verifies_name()) return true;
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(verify, name.data(), name.size()) == 1;
}

// ---- what OpenSSL calls -----------------------------------------------------------------------

inline const BIO_METHOD* tls_channel::bio_method() {
    struct deleter {
        void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
    };
    static const std::unique_ptr<BIO_METHOD, deleter> method = [] {
        std::unique_ptr<BIO_METHOD, deleter> made(
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "memring socket"));
        if (made) {
            BIO_meth_set_write(made.get(), on_output);
            BIO_meth_set_read(made.get(), on_input);
            BIO_meth_set_ctrl(made.get(), on_control);
        }
        return made;
    }();
    return method.get();
}

// Collected, so that all records of a write leave in one system call.
inline int tls_channel::on_output(BIO* bio, const char* bytes, int size) {
    try {
        static_cast<tls_channel*>(BIO_get_data(bio))
            ->x_pending.append(bytes, static_cast<std::size_t>(size));
    } catch (const std::bad_alloc&) {
        return -1;  // no exception through C
    }
    return size;
}

inline int tls_channel::on_input(BIO* bio, char* into, int size) {
    auto& self = *static_cast<tls_channel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.x_is_closed) return -1;
    auto& error = self.x_socket_error;
    const auto got =
        self.x_socket.receive(asio::buffer(into, static_cast<std::size_t>(size)), 0, error);
    if (!error) return static_cast<int>(got);
    if (error == asio::error::would_block || error == asio::error::try_again) {
        error.clear();
        BIO_set_retry_read(bio);
    }
    return error == asio::error::eof ? 0 : -1;
}

inline long tls_channel::on_control(BIO* bio, int what, long, void*) {
    if (what == BIO_CTRL_FLUSH) return 1;
    if (what != BIO_CTRL_EOF) return 0;
    return static_cast<tls_channel*>(BIO_get_data(bio))->x_socket_error == asio::error::eof ? 1 : 0;
}

// ---- steps ------------------------------------------------------------------------------------

inline tls_step tls_channel::handshake() noexcept {
    ERR_clear_error();
    const auto step = judge(SSL_do_handshake(x_ssl.get()));
    if (step == tls_step::done && !x_is_established) {
        x_is_established = true;
        x_may_be_refused =
            x_news.was_asked_for_certificate && SSL_version(x_ssl.get()) >= TLS1_3_VERSION;
    }
    if (step == tls_step::failed) send_at_once();  // an alert that tells the server why
    return step;
}

inline tls_step tls_channel::read(asio::mutable_buffer into, std::size_t& size) noexcept {
    size = 0;
    do {
        ERR_clear_error();
        std::size_t got = 0;
        const auto step = judge(SSL_read_ex(x_ssl.get(), static_cast<char*>(into.data()) + size,
                                            into.size() - size, &got));
        if (step != tls_step::done) return size != 0 ? tls_step::done : step;
        size += got;
        x_has_received = true;
    } while (size < into.size() && SSL_has_pending(x_ssl.get()) == 1);
    return tls_step::done;
}

inline tls_step tls_channel::look() noexcept {
    ERR_clear_error();
    char byte = 0;
    std::size_t size = 0;
    return judge(SSL_peek_ex(x_ssl.get(), &byte, 1, &size));
}

// A memcached that has taken a part of a record only (a value's end, say, and not the command
// behind it) waits for the socket and forgets the rest (seen with 1.6.18). So what is longer than
// one record ends with a record of one byte: until it has been read the socket stays readable, and
// nothing can be left of it. What fits in one record is read whole by a server that waits for a
// command, hence the rule that a burst of writes begins and ends with a command.
inline std::size_t tls_channel::write(std::string_view bytes) {
    const auto part = bytes.substr(0, write_limit);
    const bool is_end = part.size() == bytes.size();
    const bool is_whole_burst = is_end && !x_is_inside_burst && part.size() <= record_size;
    const std::size_t tail = is_end && !is_whole_burst ? 1 : 0;
    x_is_inside_burst = !is_end;
    x_pending.reserve(x_pending.size() + part.size() + 512);
    ERR_clear_error();
    const bool is_good =
        encrypt(part.substr(0, part.size() - tail)) && encrypt(part.substr(part.size() - tail));
    return is_good ? part.size() : 0;
}

inline bool tls_channel::encrypt(std::string_view bytes) noexcept {
    std::size_t written = 0;
    return bytes.empty() ||
           judge(SSL_write_ex(x_ssl.get(), bytes.data(), bytes.size(), &written)) == tls_step::done;
}

inline asio::const_buffer tls_channel::output() {
    if (x_sending.empty()) std::swap(x_sending, x_pending);
    return asio::buffer(x_sending);
}

inline void tls_channel::sent(std::size_t size) {
    constexpr std::size_t kept = 4096;  // of an idle connection's memory
    x_sending.erase(0, size);
    if (x_sending.empty() && x_sending.capacity() > kept) std::string().swap(x_sending);
}

inline void tls_channel::send_at_once() noexcept {
    if (!x_sending.empty() || x_pending.empty()) return;
    std::error_code ignored;
    x_socket.send(asio::buffer(x_pending), 0, ignored);
    x_pending.clear();
}

inline tls_session_ptr tls_channel::close() noexcept {
    x_timer.cancel();
    if (x_is_established && !x_has_failed) {
        ERR_clear_error();
        (void)SSL_shutdown(x_ssl.get());
        ERR_clear_error();
        send_at_once();
    }
    // OpenSSL drops the session of a connection that does not end like that.
    if (x_ssl) SSL_set_shutdown(x_ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    x_is_closed = true;
    return std::move(x_news.session);
}

// ---- errors -----------------------------------------------------------------------------------

inline tls_step tls_channel::judge(int result) noexcept {
    if (result > 0) return tls_step::done;
    const int error = SSL_get_error(x_ssl.get(), result);
    if (error == SSL_ERROR_WANT_READ) return tls_step::wants_input;
    x_error = error == SSL_ERROR_ZERO_RETURN && x_is_established ? asio::error::eof : reason();
    x_has_failed = true;
    ERR_clear_error();
    return tls_step::failed;
}

inline std::error_code tls_channel::reason() const noexcept {
    const auto code = ERR_peek_error();
    const bool is_of_tls = ERR_GET_LIB(code) == ERR_LIB_SSL;
    const int reason = ERR_GET_REASON(code);
    const bool is_refusal = is_of_tls && reason >= SSL_AD_REASON_OFFSET &&
                            reason != SSL_R_TLSV1_ALERT_PROTOCOL_VERSION &&
                            reason != SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY;
    if (is_refusal && !x_has_received) return errc::tls_refused;
    if (x_is_established) {
        if (x_socket_error) return standard_system_error(x_socket_error);
        return std::make_error_code(std::errc::protocol_error);
    }
    const bool is_untrusted = is_of_tls && reason == SSL_R_CERTIFICATE_VERIFY_FAILED;
    return is_untrusted ? errc::tls_untrusted : errc::tls_failed;
}

}  // namespace memring::detail
