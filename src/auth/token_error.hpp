#pragma once

#include <string>
#include <string_view>

namespace pipit::auth {

/// Why a token was refused. Never holds a part of the token.
struct TokenError {
    enum class Reason {
        malformed,              ///< not three base64url parts with a JSON object for header and payload
        too_long,               ///< longer than TokenRules::token_bytes_max
        algorithm_not_allowed,  ///< `alg` is not one of ours, or not the one that the key is bound to
        critical_extension,     ///< the header has `crit`, and we implement no extension (RFC 7515
                                ///< section 4.1.11)
        unknown_issuer,         ///< nobody we believe has this `iss`
        unknown_key,            ///< the issuer has no such key; the caller may fetch its keys and try again
        bad_signature,          ///< no key that fits made the signature
        expired,                ///< `exp` has come
        not_yet_valid,          ///< `nbf` has not come
        wrong_audience,         ///< `aud` names none of the audiences that the issuer's tokens must have
        missing_subject,        ///< there is no `sub`
        bad_subject,            ///< `sub` is not a string or not a valid user id (identity.hpp)
        bad_claim,              ///< the claim named in `claim` is missing, of the wrong type or out of range
    };

    Reason reason;
    std::string_view claim = {};  ///< only with bad_claim: a literal such as "exp"

    /// One sentence for the caller.
    std::string message() const;

    friend bool operator==(const TokenError&, const TokenError&) = default;
};

}  // namespace pipit::auth
