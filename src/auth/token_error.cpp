#include "auth/token_error.hpp"

namespace pipit::auth {

std::string TokenError::message() const {
    switch (reason) {
        case Reason::malformed:
            return "The token is not a well-formed JWT.";
        case Reason::too_long:
            return "The token is too long.";
        case Reason::algorithm_not_allowed:
            return "The token's signature algorithm is not allowed.";
        case Reason::critical_extension:
            return "The token needs a critical extension that is not supported.";
        case Reason::unknown_issuer:
            return "The token's issuer is not known.";
        case Reason::unknown_key:
            return "The token's key is not known.";
        case Reason::bad_signature:
            return "The token's signature is wrong.";
        case Reason::expired:
            return "The token has expired.";
        case Reason::not_yet_valid:
            return "The token is not valid yet.";
        case Reason::wrong_audience:
            return "The token is for another audience.";
        case Reason::missing_subject:
            return "The token has no claim \"sub\".";
        case Reason::bad_subject:
            return "The token's claim \"sub\" is not a valid user id.";
        case Reason::bad_claim:
            break;
    }
    return "The token's claim \"" + std::string(claim) + "\" is missing or not valid.";
}

}  // namespace pipit::auth
