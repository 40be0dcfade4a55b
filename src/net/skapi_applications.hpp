#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.hpp"
#include "net/realtime_service.hpp"
#include "net/skapi_settings.hpp"
#include "skapi/tokens.hpp"

namespace pipit::net {

/// The applications of a server, on one worker, and who of the public client's users belongs to which.
class SkapiApplications {
 public:
    struct Application {
        std::unique_ptr<RealtimeService> realtime;
        auth::Secret secret;   ///< of its own tokens
        std::string audience;  ///< that these must be for; "": none
    };

    /// `settings` must outlive it. The first one is that of pipit.v1's clients.
    SkapiApplications(const SkapiSettings& settings, std::vector<Application> applications,
                      std::shared_ptr<const auth::KeyRing> keys);

    void set_keys(std::shared_ptr<const auth::KeyRing> keys);
    base::Result<skapi::TokenReader::Bearer, auth::TokenError> bearer_of(std::string_view token) const;
    /// Id and access tokens for the bearer of that refresh token.
    base::Result<skapi::TokenSet, auth::TokenError> refresh(std::string_view token) const;

    RealtimeService& realtime_of(const skapi::TokenReader::Bearer& bearer);
    /// Makes the bearer known there, and is good for as long as a connection may live: who somebody is, is
    /// settled once.
    std::string native_token_of(const skapi::TokenReader::Bearer& bearer) const;

    RealtimeService& home() { return *applications_.front().realtime; }
    const std::vector<Application>& all() const { return applications_; }

 private:
    const SkapiSettings& settings_;
    std::vector<Application> applications_;
    skapi::TokenReader reader_;
};

}  // namespace pipit::net
