#pragma once
// Certificates for tests: an authority of the test's own, and what it signs, as PEM files.

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "temporary_directory.hpp"

namespace memring::testing {

namespace detail {

struct openssl_free {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
};
template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_free>;

inline void require(bool is_good, const char* what) {
    if (is_good) return;
    throw std::runtime_error(std::string(what) + ": " +
                             ERR_error_string(ERR_peek_last_error(), nullptr));
}

inline openssl_ptr<EVP_PKEY> new_key() {
    const openssl_ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr));
    EVP_PKEY* key = nullptr;
    require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
                EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1 &&
                EVP_PKEY_keygen(context.get(), &key) == 1,
            "new key");
    return openssl_ptr<EVP_PKEY>(key);
}

}  // namespace detail

/// What a certificate is for.
struct certificate_request {
    std::string names = {};       ///< as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1"
    long begins_in = -3600;       ///< valid from now and so many seconds
    long ends_in = 24 * 3600;     ///< valid until now and so many seconds
    std::string passphrase = {};  ///< of the private key; empty: not encrypted
};

/// Signs certificates that those who trust `certificate_file()` trust.
class certificate_authority {
public:
    explicit certificate_authority(const temporary_directory& directory, std::string name = "ca")
        : x_directory(directory), x_name(std::move(name)), x_key(detail::new_key()) {
        x_certificate = make(x_name, *x_key, {});
        write(certificate_file(), *x_certificate, nullptr);
    }

    [[nodiscard]] std::string certificate_file() const { return x_directory.file(x_name + ".pem"); }

    /// Writes `<name>.pem`, certificate and private key in one file; its path.
    [[nodiscard]] std::string issue(const std::string& name,
                                    const certificate_request& what) const {
        const auto key = detail::new_key();
        const auto certificate = make(name, *key, what);
        const auto path = x_directory.file(name + ".pem");
        write(path, *certificate, key.get(), what.passphrase);
        return path;
    }

private:
    // Self-signed, as the authority's own, while there is none.
    [[nodiscard]] detail::openssl_ptr<X509> make(const std::string& name, EVP_PKEY& key,
                                                 const certificate_request& what) const {
        using detail::require;
        detail::openssl_ptr<X509> made(X509_new());
        X509* const issuer = x_certificate ? x_certificate.get() : made.get();
        X509_set_version(made.get(), 2);
        static long serial = 0;
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), what.begins_in);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), what.ends_in);
        X509_set_pubkey(made.get(), &key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer, made.get(), nullptr, nullptr, 0);
        const auto add = [&](int kind, const std::string& value) {
            const detail::openssl_ptr<X509_EXTENSION> extension(
                X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
            require(extension && X509_add_ext(made.get(), extension.get(), -1) == 1, "extension");
        };
        if (!x_certificate) add(NID_basic_constraints, "critical,CA:TRUE");
        if (!what.names.empty()) add(NID_subject_alt_name, what.names);
        require(X509_sign(made.get(), x_key.get(), EVP_sha256()) != 0, "signature");
        return made;
    }

    static void write(const std::string& path, X509& certificate, EVP_PKEY* key,
                      std::string passphrase = {}) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"),
                                                                   std::fclose);
        detail::require(file && PEM_write_X509(file.get(), &certificate) == 1, path.c_str());
        if (key == nullptr) return;
        const bool is_secret = !passphrase.empty();
        detail::require(
            PEM_write_PrivateKey(file.get(), key, is_secret ? EVP_aes_128_cbc() : nullptr, nullptr,
                                 0, nullptr, is_secret ? passphrase.data() : nullptr) == 1,
            path.c_str());
    }

    const temporary_directory& x_directory;
    std::string x_name;
    detail::openssl_ptr<EVP_PKEY> x_key;
    detail::openssl_ptr<X509> x_certificate;
};

/// The arguments that make memcached present this certificate.
[[nodiscard]] inline std::vector<std::string> presenting(const std::string& certificate_and_key) {
    return {"-o", "ssl_chain_cert=" + certificate_and_key + ",ssl_key=" + certificate_and_key};
}

}  // namespace memring::testing
