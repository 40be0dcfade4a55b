#include "push/p256_key.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "auth/openssl_errors.hpp"
#include "base/assert.hpp"
#include "base/base64url.hpp"

namespace pipit::push {
namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, Release<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, Release<EC_POINT_clear_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestCtxPtr = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using EcdsaSignaturePtr = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>>;
using Scalar = std::array<std::uint8_t, kP256ScalarBytes>;

const EC_GROUP* p256() {
    static const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    PIPIT_ASSERT(group != nullptr);
    return group.get();
}

/// What OpenSSL signs with.
PkeyPtr build_pkey(const P256Point& point, const BIGNUM* scalar) {
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    PIPIT_ASSERT(
        builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) == 1 &&
        OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar, kP256ScalarBytes) == 1);
    const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* pkey = nullptr;
    PIPIT_ASSERT(params && ctx && EVP_PKEY_fromdata_init(ctx.get()) == 1);
    PIPIT_ASSERT(EVP_PKEY_fromdata(ctx.get(), &pkey, EVP_PKEY_KEYPAIR, params.get()) == 1);
    return PkeyPtr(pkey);
}

P256Point bytes_of(const EC_POINT* point) {
    P256Point bytes{};
    PIPIT_ASSERT(EC_POINT_point2oct(p256(), point, POINT_CONVERSION_UNCOMPRESSED, bytes.data(), bytes.size(),
                                    nullptr) == bytes.size());
    return bytes;
}

}  // namespace

base::Result<P256Point> parse_p256_point(base::ByteSpan bytes) {
    if (bytes.size() != kP256PointBytes || bytes[0] != POINT_CONVERSION_UNCOMPRESSED) {
        return base::Failure{"must be an uncompressed P-256 point: 65 bytes, the first of them 4"};
    }
    const auth::OpensslErrorsForgotten forgotten;
    const PointPtr point(EC_POINT_new(p256()));
    PIPIT_ASSERT(point != nullptr);
    if (EC_POINT_oct2point(p256(), point.get(), bytes.data(), bytes.size(), nullptr) != 1) {
        return base::Failure{"must be a point on the curve P-256"};
    }
    P256Point copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    return copy;
}

P256Key P256Key::generate(base::Random& random) {
    // FIPS 186-5 A.2.2: drawn again until it is in range, which it is but for one time in 2^32.
    Scalar scalar{};
    for (;;) {
        random.fill(scalar);
        auto key = from_scalar(scalar);
        if (!key) continue;
        OPENSSL_cleanse(scalar.data(), scalar.size());
        return std::move(key).value();
    }
}

base::Result<P256Key> P256Key::from_scalar(base::ByteSpan scalar) {
    if (scalar.size() != kP256ScalarBytes) return base::Failure{"a P-256 private key must have 32 bytes"};
    ScalarPtr number(BN_secure_new());
    PIPIT_ASSERT(number && BN_bin2bn(scalar.data(), kP256ScalarBytes, number.get()) != nullptr);
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    if (BN_is_zero(number.get()) == 1 || BN_cmp(number.get(), EC_GROUP_get0_order(p256())) >= 0) {
        return base::Failure{"a P-256 private key must be from 1 to the order of the curve less 1"};
    }
    const PointPtr point(EC_POINT_new(p256()));
    PIPIT_ASSERT(point && EC_POINT_mul(p256(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1);
    return P256Key(std::move(number), bytes_of(point.get()));
}

base::Result<P256Key> P256Key::from_text(std::string_view text) {
    std::optional<std::string> scalar = base::base64url_decode(text);
    if (!scalar) return base::Failure{"a P-256 private key must be base64url without padding"};
    auto key = from_scalar(base::as_bytes(*scalar));
    OPENSSL_cleanse(scalar->data(), scalar->size());
    return key;
}

std::string P256Key::to_text() const {
    Scalar scalar{};
    PIPIT_ASSERT(BN_bn2binpad(scalar_.get(), scalar.data(), kP256ScalarBytes) == kP256ScalarBytes);
    std::string text = base::base64url_encode(scalar);
    OPENSSL_cleanse(scalar.data(), scalar.size());
    return text;
}

std::string P256Key::public_text() const {
    return base::base64url_encode(public_point_);
}

std::array<std::uint8_t, 32> P256Key::agree(const P256Point& peer) const {
    // Not EVP_PKEY_derive: it multiplies a second time, by the order, to be sure of a point that on this
    // curve, of cofactor 1, need only be on it; and it makes the curve anew for every key.
    const PointPtr point(EC_POINT_new(p256()));
    const PointPtr shared(EC_POINT_new(p256()));
    PIPIT_ASSERT(point && shared &&
                 EC_POINT_oct2point(p256(), point.get(), peer.data(), peer.size(), nullptr) == 1);
    PIPIT_ASSERT(EC_POINT_mul(p256(), shared.get(), nullptr, point.get(), scalar_.get(), nullptr) == 1);
    P256Point bytes = bytes_of(shared.get());
    std::array<std::uint8_t, 32> secret{};
    std::copy_n(bytes.begin() + 1, secret.size(), secret.begin());
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return secret;
}

std::array<std::uint8_t, kP256SignatureBytes> P256Key::sign(std::string_view text) const {
    const PkeyPtr pkey = build_pkey(public_point_, scalar_.get());
    const DigestCtxPtr ctx(EVP_MD_CTX_new());
    const base::ByteSpan bytes = base::as_bytes(text);
    PIPIT_ASSERT(ctx && EVP_DigestSignInit(ctx.get(), nullptr, EVP_sha256(), nullptr, pkey.get()) == 1);
    // Two INTEGERs (tag, length, sign byte) in a SEQUENCE, at most.
    std::array<std::uint8_t, 2 * (32 + 3) + 2> der{};
    std::size_t der_bytes = der.size();
    PIPIT_ASSERT(EVP_DigestSign(ctx.get(), der.data(), &der_bytes, bytes.data(), bytes.size()) == 1);
    const std::uint8_t* at = der.data();
    const EcdsaSignaturePtr pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der_bytes)));
    PIPIT_ASSERT(pair != nullptr);
    std::array<std::uint8_t, kP256SignatureBytes> signature{};
    PIPIT_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), signature.data(), 32) == 32 &&
                 BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), signature.data() + 32, 32) == 32);
    return signature;
}

}  // namespace pipit::push
