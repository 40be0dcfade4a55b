#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "auth/identity.hpp"
#include "auth/token_error.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace pipit::auth {

struct ClaimRules {
    std::size_t user_id_bytes_max = kUserIdBytesMax;
    /// How far the issuer's clock may be off: a token still counts this long after `exp` and this long before
    /// `nbf`.
    base::UnixSeconds leeway_s = 5;
};

/// Checks the claims of a token whose signature was checked (RFC 7519 section 4.1) and says who its bearer
/// is.
///
/// `exp` is required: from `exp` + leeway on the token is refused. `nbf` and `iat` may be absent; `iat` must
/// be a time but is compared with nothing. Times are numbers, fractions are dropped, and no further from 0
/// than 2^53. `aud`, a string or an array of strings, must share a member with `audiences` unless that is
/// empty. `role` "admin" makes an admin, anything else does not. `groups`, a string or an array of strings,
/// is a GroupRule; absent: every group.
base::Result<Identity, TokenError> read_claims(const boost::json::object& claims,
                                               const std::vector<std::string>& audiences,
                                               const ClaimRules& rules, base::UnixSeconds now);

}  // namespace pipit::auth
