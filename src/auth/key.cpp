#include "auth/key.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "auth/hmac.hpp"
#include "auth/openssl_errors.hpp"
#include "base/assert.hpp"

namespace pipit::auth {
namespace {

constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kEd25519Bytes = 32;
constexpr int kRsaExponentBitsMax = 64;

constexpr std::array<std::pair<std::string_view, Algorithm>, 5> kAlgorithmNames{{
    {"HS256", Algorithm::hs256},
    {"RS256", Algorithm::rs256},
    {"ES256", Algorithm::es256},
    {"EdDSA", Algorithm::ed25519},
    {"Ed25519", Algorithm::ed25519},
}};

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using BignumPtr = std::unique_ptr<BIGNUM, Release<BN_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestCtxPtr = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using EcdsaSignaturePtr = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>>;

BignumPtr to_bignum(base::ByteSpan bytes) {
    return BignumPtr(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

/// A public key of `type` with the numbers and points that `builder` holds, or null when OpenSSL refuses
/// them.
EVP_PKEY* build_public_key(const char* type, OSSL_PARAM_BLD* builder) {
    const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
    const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* pkey = nullptr;
    if (!params || !ctx || EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
        EVP_PKEY_fromdata(ctx.get(), &pkey, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return nullptr;
    }
    return pkey;
}

bool check_digest(EVP_PKEY* pkey, const EVP_MD* digest, std::string_view text, base::ByteSpan signature) {
    const DigestCtxPtr ctx(EVP_MD_CTX_new());
    PIPIT_ASSERT(ctx != nullptr);
    const base::ByteSpan bytes = base::as_bytes(text);
    return EVP_DigestVerifyInit(ctx.get(), nullptr, digest, nullptr, pkey) == 1 &&
           EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) == 1;
}

/// RFC 7518 section 3.4 has r and s side by side; OpenSSL wants them as a DER sequence.
bool check_ecdsa(EVP_PKEY* pkey, std::string_view text, base::ByteSpan signature) {
    if (signature.size() != 2 * kP256Bytes) return false;
    BignumPtr r = to_bignum(signature.first(kP256Bytes));
    BignumPtr s = to_bignum(signature.last(kP256Bytes));
    const EcdsaSignaturePtr pair(ECDSA_SIG_new());
    PIPIT_ASSERT(r && s && pair && ECDSA_SIG_set0(pair.get(), r.get(), s.get()) == 1);
    static_cast<void>(r.release());  // `pair` owns them now
    static_cast<void>(s.release());
    std::array<std::uint8_t, 2 * (kP256Bytes + 3) + 2>
        der{};  // two INTEGERs (tag, length, sign byte) in a SEQUENCE
    std::uint8_t* end = der.data();
    const int der_bytes = i2d_ECDSA_SIG(pair.get(), &end);
    PIPIT_ASSERT(der_bytes > 0);
    return check_digest(pkey, EVP_sha256(), text,
                        base::ByteSpan(der).first(static_cast<std::size_t>(der_bytes)));
}

}  // namespace

std::optional<Algorithm> algorithm_from_name(std::string_view name) {
    for (const auto& [its_name, algorithm] : kAlgorithmNames) {
        if (its_name == name) return algorithm;
    }
    return std::nullopt;
}

VerificationKey VerificationKey::hs256(Secret secret, std::string kid) {
    return {Algorithm::hs256, std::move(secret), std::move(kid)};
}

base::Result<VerificationKey> VerificationKey::rs256(base::ByteSpan n, base::ByteSpan e, std::string kid) {
    const OpensslErrorsForgotten guard;
    const BignumPtr modulus = to_bignum(n);
    const BignumPtr exponent = to_bignum(e);
    PIPIT_ASSERT(modulus && exponent);
    const int bits = BN_num_bits(modulus.get());
    if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
        return base::Failure{"the RSA modulus has " + std::to_string(bits) + " bits; allowed are " +
                             std::to_string(kRsaBitsMin) + " to " + std::to_string(kRsaBitsMax)};
    }
    if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1 ||
        BN_num_bits(exponent.get()) > kRsaExponentBitsMax) {
        return base::Failure{"the RSA exponent must be odd, at least 3 and at most 64 bits"};
    }
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    PIPIT_ASSERT(builder &&
                 OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
                 OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
    PkeyPtr pkey(build_public_key("RSA", builder.get()));
    if (!pkey) return base::Failure{"the RSA key is not valid"};
    return VerificationKey(Algorithm::rs256, std::move(pkey), std::move(kid));
}

base::Result<VerificationKey> VerificationKey::es256(base::ByteSpan x, base::ByteSpan y, std::string kid) {
    if (x.size() != kP256Bytes || y.size() != kP256Bytes) {
        return base::Failure{"the coordinates of a P-256 point must have 32 bytes each"};
    }
    const OpensslErrorsForgotten guard;
    std::vector<std::uint8_t> point{POINT_CONVERSION_UNCOMPRESSED};
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    PIPIT_ASSERT(builder &&
                 OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) ==
                     1 &&
                 OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                  point.size()) == 1);
    PkeyPtr pkey(build_public_key("EC", builder.get()));  // decoding the point checks that it is on the curve
    if (!pkey) return base::Failure{"the point is not on the curve P-256"};
    return VerificationKey(Algorithm::es256, std::move(pkey), std::move(kid));
}

base::Result<VerificationKey> VerificationKey::ed25519(base::ByteSpan x, std::string kid) {
    if (x.size() != kEd25519Bytes) return base::Failure{"an Ed25519 public key must have 32 bytes"};
    PkeyPtr pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size()));
    PIPIT_ASSERT(pkey != nullptr);
    return VerificationKey(Algorithm::ed25519, std::move(pkey), std::move(kid));
}

bool VerificationKey::verify(std::string_view text, std::string_view signature) const {
    const OpensslErrorsForgotten guard;
    const base::ByteSpan bytes = base::as_bytes(signature);
    if (const auto* secret = std::get_if<Secret>(&material_)) {
        const auto expected = hmac_sha256(*secret, text);
        return bytes.size() == expected.size() &&
               CRYPTO_memcmp(expected.data(), bytes.data(), bytes.size()) == 0;
    }
    EVP_PKEY* const pkey = std::get<PkeyPtr>(material_).get();
    if (algorithm_ == Algorithm::es256) return check_ecdsa(pkey, text, bytes);
    // Ed25519 hashes by itself.
    return check_digest(pkey, algorithm_ == Algorithm::ed25519 ? nullptr : EVP_sha256(), text, bytes);
}

}  // namespace pipit::auth
