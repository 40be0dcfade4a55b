#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.hpp"
#include "base/time.hpp"

namespace pipit::auth {

/// What a token of this server's own shall say.
struct TokenRequest {
    std::string user_id;
    bool admin = false;
    /// Patterns (group_rule.hpp); absent: every group.
    std::optional<std::vector<std::string>> groups = std::nullopt;
    std::string audience = {};  ///< `aud`; empty: none, for verifiers that do not look at it
    base::UnixSeconds issued_at = 0;
    base::UnixSeconds ttl_s = 3600;  ///< `exp` is this much after `issued_at`
};

/// A token that a TokenVerifier with local_issuer() of the same secret accepts from `issued_at` until `exp`.
/// The request is not judged: what verify() would refuse (is_valid_user_id(), GroupRule::only()) is signed
/// all the same. `issued_at` and `ttl_s` must be at most 2^53, as claims.hpp has it.
std::string sign_hs256(const Secret& secret, const TokenRequest& request);

/// The signing beneath it (RFC 7515 section 3.1): `payload` as it is, behind the header
/// {"alg":"HS256","typ":"JWT"}.
std::string sign_payload_hs256(const Secret& secret, std::string_view payload);

}  // namespace pipit::auth
