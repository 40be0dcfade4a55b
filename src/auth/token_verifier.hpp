#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/json/object.hpp>

#include "auth/claims.hpp"
#include "auth/identity.hpp"
#include "auth/issuer.hpp"
#include "auth/token_error.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace pipit::auth {

struct TokenRules {
    std::size_t token_bytes_max = 8 << 10;
    ClaimRules claims = {};
};

/// Learns from a signed token (JWT, RFC 7519) who a caller is.
///
/// The `iss` claim, not yet believed, only picks whose keys are tried; `kid` picks among those, and without
/// one every key for the token's `alg` is tried. Claims are judged after the signature. Immutable and cheap
/// to make: take a new one for a new ring. Many threads may verify at the same time.
class TokenVerifier {
 public:
    /// `ring` must not be null.
    explicit TokenVerifier(std::shared_ptr<const KeyRing> ring, TokenRules rules = {});

    base::Result<Identity, TokenError> verify(std::string_view token, base::UnixSeconds now) const;

    /// Claims of whoever signed them, of which nothing has been judged.
    struct SignedClaims {
        boost::json::object claims;
        const Issuer* issuer;  ///< of the ring
    };
    /// For claims that mean something else than ours do.
    base::Result<SignedClaims, TokenError> check_signature(std::string_view token) const;

 private:
    std::shared_ptr<const KeyRing> ring_;
    TokenRules rules_;
};

}  // namespace pipit::auth
