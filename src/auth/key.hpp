#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <openssl/evp.h>

#include "auth/secret.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace pipit::auth {

/// The signature algorithms we accept (RFC 7518 section 3.1, RFC 8037 section 3.1). There is no "none".
enum class Algorithm {
    hs256,    ///< HMAC with SHA-256
    rs256,    ///< RSASSA-PKCS1-v1_5 with SHA-256
    es256,    ///< ECDSA on P-256 with SHA-256
    ed25519,  ///< named "EdDSA" or, since RFC 9864, "Ed25519"; Ed448 is not accepted
};

/// From the value of an `alg` member, which is case-sensitive; nothing for every other algorithm.
std::optional<Algorithm> algorithm_from_name(std::string_view name);

/// One key that signatures are checked with, bound to one algorithm for life, so that a token's header cannot
/// choose what the key is used for (RFC 8725 section 3.1). Immutable: many threads may verify with it at the
/// same time. `kid` may be empty: the key then fits a token of any `kid`.
class VerificationKey {
 public:
    /// Modulus sizes: less is weak (RFC 7518 section 3.3), more only makes a stranger's token costly to
    /// check.
    static constexpr int kRsaBitsMin = 2048;
    static constexpr int kRsaBitsMax = 8192;

    static VerificationKey hs256(Secret secret, std::string kid);
    /// `n` and `e` are unsigned big-endian numbers; `e` is odd, at least 3 and at most 64 bits.
    static base::Result<VerificationKey> rs256(base::ByteSpan n, base::ByteSpan e, std::string kid);
    /// `x` and `y` are 32 bytes each, big-endian; together they must be a point on P-256.
    static base::Result<VerificationKey> es256(base::ByteSpan x, base::ByteSpan y, std::string kid);
    /// `x` is the 32-byte public key.
    static base::Result<VerificationKey> ed25519(base::ByteSpan x, std::string kid);

    Algorithm algorithm() const { return algorithm_; }
    const std::string& kid() const { return kid_; }

    /// Whether `signature`, in the raw form of RFC 7518 section 3 (for ES256: r and s, 32 bytes each), is
    /// this key's over `text`.
    bool verify(std::string_view text, std::string_view signature) const;

 private:
    struct PkeyDeleter {
        void operator()(EVP_PKEY* pkey) const { EVP_PKEY_free(pkey); }
    };
    using PkeyPtr = std::unique_ptr<EVP_PKEY, PkeyDeleter>;

    VerificationKey(Algorithm algorithm, std::variant<Secret, PkeyPtr> material, std::string kid)
        : algorithm_(algorithm), material_(std::move(material)), kid_(std::move(kid)) {}

    Algorithm algorithm_;
    std::variant<Secret, PkeyPtr> material_;
    std::string kid_;
};

}  // namespace pipit::auth
