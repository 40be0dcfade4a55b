#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "base/result.hpp"

namespace pipit::net {

/// A server's certificate and key, ready for handshakes. Connections keep the one they began with.
using TlsContext = std::shared_ptr<SSL_CTX>;

/// Loads PEM files; TLS 1.2 and up. The failure names the file and what OpenSSL said of it.
base::Result<TlsContext> load_tls_context(const std::string& certificate_file, const std::string& key_file);

/// Whether the PEM file of push.ca_file has a certificate, for whoever uses it reads it only when it
/// connects. The failure names the file, likewise.
base::Status check_authorities(const std::string& ca_file);

}  // namespace pipit::net
