#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "push/p256_key.hpp"
#include "push/vapid_subject.hpp"

namespace pipit::push {

/// What a push service is told about a message's sender (RFC 8292 section 2).
struct VapidClaims {
    std::string_view audience;  ///< the origin of the endpoint, as Endpoint::origin() writes it
    base::UnixSeconds expires_at = 0;
    std::string_view subject = {};  ///< whom its operators may write to; "" for nobody
};

/// The token, signed anew: two of the same claims differ.
std::string sign_vapid_token(const P256Key& key, const VapidClaims& claims);

/// The tokens in use: one for each key and origin, used again until less than `kRenewBefore_s` of it is left,
/// because to sign costs more than all else that a message does, and services check what they have seen
/// before faster. Owned by one thread.
class VapidTokens {
 public:
    /// Half of what RFC 8292 section 2 allows.
    static constexpr base::UnixSeconds kLifetime_s = 12 * 3'600;
    static constexpr base::UnixSeconds kRenewBefore_s = 3'600;
    /// Endpoints are named by strangers, so the number of their origins is bounded; beyond it the token that
    /// expires first makes room.
    static constexpr std::size_t kTokensMax = 256;

    /// Without a subject the tokens name none; Apple's service then takes no message.
    explicit VapidTokens(std::optional<VapidSubject> subject) : subject_(std::move(subject)) {}

    /// A token of `key` for `origin`, good for at least kRenewBefore_s and at most kLifetime_s from `now`.
    std::string token(const P256Key& key, std::string_view origin, base::UnixSeconds now);

 private:
    struct Token {
        std::string text;
        base::UnixSeconds expires_at = 0;
    };
    void make_room();

    std::optional<VapidSubject> subject_;
    std::map<std::pair<P256Point, std::string>, Token> tokens_;
};

}  // namespace pipit::push
