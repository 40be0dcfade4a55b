#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/issuer.hpp"
#include "auth/secret.hpp"
#include "auth/token_verifier.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "skapi/service.hpp"

namespace pipit::skapi {

/// The key of our own tokens for that service, made of the server's secret: they are no good for another
/// service, nor for the server's own clients, and none of those is good here.
auth::Secret service_secret(const auth::Secret& server_secret, std::string_view service_id);

/// This server as an issuer of tokens for that service.
auth::Issuer own_issuer(const Service& service, auth::Secret service_secret);

/// Who a token is to be for, or is of.
struct Person {
    std::string user;  ///< `sub`; the client takes nothing but a base::is_uuid() for a user
    bool admin = false;
    std::string name = {};  ///< empty: none
};

/// What the client's loginWithToken() takes.
struct TokenSet {
    std::string id;
    std::string access;
    std::string refresh;

    /// {"idToken":"…","accessToken":"…","refreshToken":"…"}
    std::string json() const;
};

/// The refresh token is good for kRefreshTtlS, or longer if the others are.
inline constexpr base::UnixSeconds kRefreshTtlS = 30 * 24 * 3600;
TokenSet sign_tokens(const Service& service, const auth::Secret& service_secret, const Person& person,
                     base::UnixSeconds now, base::UnixSeconds ttl_s);

/// Learns from a token who its bearer is, and of which service. Immutable and cheap to make: take a new one
/// for a new ring. Many threads may read at the same time.
class TokenReader {
 public:
    struct Bearer {
        std::size_t service = 0;  ///< its index
        Person person;
    };

    /// `services` must outlive the reader. `ring`, not null, has own_issuer() of each and their identity
    /// providers.
    TokenReader(const std::vector<Service>& services, std::shared_ptr<const auth::KeyRing> ring,
                const auth::TokenRules& rules)
        : services_(&services), verifier_(std::move(ring), rules), rules_(rules.claims) {}

    /// Of an id or an access token. A provider's is for the one service that has its issuer, one of its
    /// clients, and the id in `custom:service` if that is there. `access_group` 99 is an admin.
    base::Result<Bearer, auth::TokenError> read(std::string_view token, base::UnixSeconds now) const;
    /// Of a refresh token of our own.
    base::Result<Bearer, auth::TokenError> read_refresh(std::string_view token, base::UnixSeconds now) const;

 private:
    enum class Use { session, refresh };
    base::Result<Bearer, auth::TokenError> read(std::string_view token, Use use, base::UnixSeconds now) const;

    const std::vector<Service>* services_;
    auth::TokenVerifier verifier_;
    auth::ClaimRules rules_;
};

}  // namespace pipit::skapi
