#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace pipit::auth {

/// For tests: the other side of the signature, which the server itself does not have for these algorithms.
/// Every key is new, made by OpenSSL's own generator.
class SigningKey {
 public:
    static SigningKey rsa(unsigned bits = 2048);
    static SigningKey p256();
    static SigningKey ed25519();

    /// The public half as the members of a JWK, without the braces, `kid` and `alg`.
    std::string jwk_members() const;

    /// The signature over `text` as OpenSSL makes it: for P-256 in DER.
    std::string sign(std::string_view text) const;

    /// A JWS in compact form with the raw signature of RFC 7518.
    std::string token(std::string_view header, std::string_view payload) const;

 private:
    struct Deleter {
        void operator()(EVP_PKEY* pkey) const { EVP_PKEY_free(pkey); }
    };
    explicit SigningKey(EVP_PKEY* pkey);

    std::unique_ptr<EVP_PKEY, Deleter> pkey_;
};

/// base64url(header) "." base64url(payload): what a signature is made over.
std::string signing_input(std::string_view header, std::string_view payload);

/// `signing_input` "." base64url(signature).
std::string compact(std::string_view signing_input, std::string_view signature);

/// The key set document that holds these JWKs, each given as the members of its object.
std::string jwks_of(std::initializer_list<std::string> keys);

}  // namespace pipit::auth
