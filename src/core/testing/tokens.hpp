#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/issuer.hpp"
#include "auth/token_signer.hpp"
#include "core/hub_settings.hpp"

namespace pipit::core {

/// When the tests' tokens are issued.
inline constexpr base::UnixSeconds kTestUnixTime = 1'700'000'000;

inline auth::Secret test_secret() {
    return *auth::Secret::from_bytes("what the tests sign their tokens with");
}

/// Believes tokens of token_of().
inline std::shared_ptr<const auth::KeyRing> test_keys() {
    return std::make_shared<const auth::KeyRing>(std::vector{auth::local_issuer(test_secret())});
}

inline std::string token_of(std::string user, base::UnixSeconds ttl_s = 3600,
                            std::optional<std::vector<std::string>> groups = std::nullopt,
                            bool admin = false) {
    return auth::sign_hs256(test_secret(), {.user_id = std::move(user),
                                            .admin = admin,
                                            .groups = std::move(groups),
                                            .issued_at = kTestUnixTime,
                                            .ttl_s = ttl_s});
}

inline std::string admin_token_of(std::string user) {
    return token_of(std::move(user), 3600, std::nullopt, true);
}

/// Settings of a hub that are complete, with no grace for lost connections: they are told of at once.
inline HubSettings test_settings() {
    HubSettings settings;
    settings.cursor_key = std::string(32, 'k');
    settings.grace = base::Millis(0);
    return settings;
}

}  // namespace pipit::core
