#include "auth/testing/token_forge.hpp"

#include <cstdint>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>

#include "base/assert.hpp"
#include "base/base64url.hpp"

namespace pipit::auth {
namespace {

std::string big_endian(const BIGNUM* number, int bytes) {
    std::string text(static_cast<std::size_t>(bytes), '\0');
    PIPIT_ASSERT(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()), bytes) == bytes);
    return text;
}

/// A number of a key, as a member of its JWK; `bytes` 0 means as few as it takes.
std::string number_member(EVP_PKEY* pkey, std::string_view name, const char* parameter, int bytes) {
    BIGNUM* number = nullptr;
    PIPIT_ASSERT(EVP_PKEY_get_bn_param(pkey, parameter, &number) == 1);
    const std::string text = big_endian(number, bytes != 0 ? bytes : BN_num_bytes(number));
    BN_free(number);
    return ",\"" + std::string(name) + "\":\"" + base::base64url_encode(base::as_bytes(text)) + "\"";
}

std::string raw_ecdsa(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    PIPIT_ASSERT(pair != nullptr);
    std::string raw = big_endian(ECDSA_SIG_get0_r(pair), 32) + big_endian(ECDSA_SIG_get0_s(pair), 32);
    ECDSA_SIG_free(pair);
    return raw;
}

}  // namespace

SigningKey::SigningKey(EVP_PKEY* pkey) : pkey_(pkey) {
    PIPIT_ASSERT(pkey != nullptr);
}

SigningKey SigningKey::rsa(unsigned bits) {
    return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
}
SigningKey SigningKey::p256() {
    return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}
SigningKey SigningKey::ed25519() {
    return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

std::string SigningKey::jwk_members() const {
    switch (EVP_PKEY_get_base_id(pkey_.get())) {
        case EVP_PKEY_RSA:
            return R"("kty":"RSA")" + number_member(pkey_.get(), "n", OSSL_PKEY_PARAM_RSA_N, 0) +
                   number_member(pkey_.get(), "e", OSSL_PKEY_PARAM_RSA_E, 0);
        case EVP_PKEY_EC:
            return R"("kty":"EC","crv":"P-256")" +
                   number_member(pkey_.get(), "x", OSSL_PKEY_PARAM_EC_PUB_X, 32) +
                   number_member(pkey_.get(), "y", OSSL_PKEY_PARAM_EC_PUB_Y, 32);
        default:
            break;
    }
    std::uint8_t raw[32];
    std::size_t raw_bytes = sizeof raw;
    PIPIT_ASSERT(EVP_PKEY_get_raw_public_key(pkey_.get(), raw, &raw_bytes) == 1);
    return R"("kty":"OKP","crv":"Ed25519","x":")" + base::base64url_encode(raw) + "\"";
}

std::string SigningKey::sign(std::string_view text) const {
    const bool ed25519 = EVP_PKEY_get_base_id(pkey_.get()) == EVP_PKEY_ED25519;
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    PIPIT_ASSERT(EVP_DigestSignInit(ctx, nullptr, ed25519 ? nullptr : EVP_sha256(), nullptr, pkey_.get()) ==
                 1);
    std::vector<std::uint8_t> signature(1024);
    std::size_t bytes = signature.size();
    const base::ByteSpan input = base::as_bytes(text);
    PIPIT_ASSERT(EVP_DigestSign(ctx, signature.data(), &bytes, input.data(), input.size()) == 1);
    EVP_MD_CTX_free(ctx);
    return std::string(base::as_text(base::ByteSpan(signature).first(bytes)));
}

std::string SigningKey::token(std::string_view header, std::string_view payload) const {
    const std::string input = signing_input(header, payload);
    const std::string signature = sign(input);
    return compact(input,
                   EVP_PKEY_get_base_id(pkey_.get()) == EVP_PKEY_EC ? raw_ecdsa(signature) : signature);
}

std::string signing_input(std::string_view header, std::string_view payload) {
    return base::base64url_encode(base::as_bytes(header)) + "." +
           base::base64url_encode(base::as_bytes(payload));
}

std::string compact(std::string_view input, std::string_view signature) {
    return std::string(input) + "." + base::base64url_encode(base::as_bytes(signature));
}

std::string jwks_of(std::initializer_list<std::string> keys) {
    std::string document = R"({"keys":[)";
    for (const std::string& members : keys) {
        if (document.back() != '[') document += ',';
        document += "{" + members + "}";
    }
    return document + "]}";
}

}  // namespace pipit::auth
