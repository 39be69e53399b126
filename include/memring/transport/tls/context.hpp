#pragma once
// What TLS connections are set up with: whom they trust, what they present, how strict they are.
// Reads the certificate files once, for all connections of a client and for all clients.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memring/error.hpp>

namespace memring {

/// What a server has to prove before a byte is sent to it.
enum class tls_verification : std::uint8_t {
    full,              ///< a certificate by a trusted CA, in date, for the name of the node
    certificate_only,  ///< the same, whatever name it is for: where the CA signs nothing else
    none               ///< nothing: whoever is on the way can read and change everything
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };

/// Settings of a `tls_context`. Files are PEM; an empty name means there is none.
struct tls_settings {
    std::string ca_file = {};           ///< CAs to trust; empty: those of the system
    std::string certificate_file = {};  ///< own certificate, then its chain, for servers that ask
    std::string private_key_file = {};  ///< of that certificate; empty: in `certificate_file`
    std::string passphrase = {};        ///< of the private key, where it is encrypted
    /// The name that certificates must be for and that the server is told (SNI), in place of the
    /// node's host: for clusters listed by IP, or behind a proxy.
    std::string server_name = {};
    tls_verification verification = tls_verification::full;
    tls_version minimum_version = tls_version::v1_2;
};

namespace detail {

struct openssl_deleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};

using tls_session_ptr = std::unique_ptr<SSL_SESSION, openssl_deleter>;

/// What OpenSSL tells about a connection by itself; the connection's application data.
struct tls_news {
    tls_session_ptr session;  // the server's newest
    bool was_asked_for_certificate = false;
    bool has_session = false;

    static tls_news& of(const SSL* ssl) noexcept {
        return *static_cast<tls_news*>(SSL_get_app_data(ssl));
    }
};

inline int on_new_tls_session(SSL* ssl, SSL_SESSION* session) {
    tls_news::of(ssl).session.reset(session);
    tls_news::of(ssl).has_session = true;
    return 1;  // the reference is ours now
}

inline int on_tls_certificate_request(SSL* ssl, void*) {
    tls_news::of(ssl).was_asked_for_certificate = true;
    return 1;
}

// Without it OpenSSL asks at the terminal.
inline int tell_passphrase(char* into, int size, int, void* passphrase) {
    const auto& text = *static_cast<const std::string*>(passphrase);
    return static_cast<int>(text.copy(into, static_cast<std::size_t>(size)));
}

[[noreturn]] inline void throw_tls_error(const std::string& what) {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    throw std::system_error(errc::tls_failed,
                            what + (reason != nullptr ? " (" + std::string(reason) + ")" : ""));
}

}  // namespace detail

/// A handle; copies share one OpenSSL context, and may be used from several threads.
///
///     const memring::tls_context tls({.ca_file = "ca.pem"});
///     memring::client<memring::ketama, memring::tls_transport> cache(executor, nodes, {}, {tls});
class tls_context {
public:
    /// Throws `std::system_error`, `errc::tls_failed`, which names the file that cannot be used.
    explicit tls_context(const tls_settings& settings = {});

    /// For what the settings do not cover (ciphers, CRLs): before the first connect.
    [[nodiscard]] SSL_CTX* native_handle() const noexcept { return x_shared->context.get(); }
    [[nodiscard]] const std::string& server_name() const noexcept { return x_shared->server_name; }
    [[nodiscard]] bool verifies_name() const noexcept {
        return x_shared->verification == tls_verification::full;
    }

private:
    struct shared {
        std::unique_ptr<SSL_CTX, detail::openssl_deleter> context;
        std::string server_name;
        tls_verification verification;
    };

    static void trust(SSL_CTX* context, const tls_settings& settings);
    static void present(SSL_CTX* context, const tls_settings& settings);

    std::shared_ptr<const shared> x_shared;
};

inline tls_context::tls_context(const tls_settings& settings) {
    ERR_clear_error();
    std::unique_ptr<SSL_CTX, detail::openssl_deleter> owned(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* const context = owned.get();
    if (context == nullptr) detail::throw_tls_error("cannot set up TLS");
    const bool allows_1_2 = settings.minimum_version == tls_version::v1_2;
    if (SSL_CTX_set_min_proto_version(context, allows_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION) != 1) {
        detail::throw_tls_error("cannot set up TLS");
    }
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // 34 KB less for an idle connection
    SSL_CTX_set_read_ahead(context, 1);                   // header and record in one system call
    // Each connection keeps its own session: OpenSSL's cache would need a lock and a search.
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, detail::on_new_tls_session);
    SSL_CTX_set_cert_cb(context, detail::on_tls_certificate_request, nullptr);
    trust(context, settings);
    present(context, settings);
    x_shared = std::make_shared<const shared>(
        shared{std::move(owned), settings.server_name, settings.verification});
}

inline void tls_context::trust(SSL_CTX* context, const tls_settings& settings) {
    if (settings.verification == tls_verification::none) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
        return;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (settings.ca_file.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) {
            detail::throw_tls_error("cannot find the system's CAs");
        }
    } else if (SSL_CTX_load_verify_locations(context, settings.ca_file.c_str(), nullptr) != 1) {
        detail::throw_tls_error("cannot use the CAs in \"" + settings.ca_file + "\"");
    }
}

inline void tls_context::present(SSL_CTX* context, const tls_settings& settings) {
    if (settings.certificate_file.empty()) return;
    const std::string& key_file =
        settings.private_key_file.empty() ? settings.certificate_file : settings.private_key_file;
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
        detail::throw_tls_error("cannot use the certificate in \"" + settings.certificate_file +
                                "\"");
    }
    std::string passphrase = settings.passphrase;
    SSL_CTX_set_default_passwd_cb(context, detail::tell_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase);
    const bool is_good =
        SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    SSL_CTX_set_default_passwd_cb(context, nullptr);
    if (!is_good) detail::throw_tls_error("cannot use the private key in \"" + key_file + "\"");
}

}  // namespace memring
