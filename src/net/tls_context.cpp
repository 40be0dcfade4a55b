#include "net/tls_context.hpp"

#include <array>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <openssl/err.h>

namespace pipit::net {
namespace {

base::Failure failure(std::string_view what, const std::string& file) {
    // The first one is nearest to the cause, those that follow tell who has met it.
    const unsigned long error = ERR_peek_error();
    const char* const known =
        ERR_SYSTEM_ERROR(error) ? std::strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
    const std::string reason = known != nullptr ? known : fmt::format("error {:#x} of OpenSSL", error);
    ERR_clear_error();
    return {fmt::format("{} \"{}\" cannot be used: {}", what, file, reason)};
}

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_bytes, const unsigned char* in,
                    unsigned in_bytes, void*) {
    static constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* selected = nullptr;
    if (SSL_select_next_proto(&selected, out_bytes, http_1_1.data(), http_1_1.size(), in, in_bytes) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

base::Result<TlsContext> load_tls_context(const std::string& certificate_file, const std::string& key_file) {
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    PIPIT_ASSERT(context != nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Buffers are given back while a connection is idle, and what a partial write was given may move.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Nobody may be there to be asked for the password of a key.
    SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return -1; });
    SSL_CTX_set_alpn_select_cb(context.get(), select_http_1_1, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
        return failure("tls.certificate_file", certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return failure("tls.key_file", key_file);
    }
    return context;
}

base::Status check_authorities(const std::string& ca_file) {
    ERR_clear_error();
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
    PIPIT_ASSERT(store != nullptr);
    if (X509_STORE_load_file(store.get(), ca_file.c_str()) != 1) return failure("push.ca_file", ca_file);
    return std::monostate{};
}

}  // namespace pipit::net
