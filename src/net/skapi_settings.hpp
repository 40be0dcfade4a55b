#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "auth/secret.hpp"
#include "auth/token_verifier.hpp"
#include "net/skapi_client.hpp"
#include "net/upgrade.hpp"
#include "skapi/service.hpp"

namespace pipit::net {

/// Where the public client finds everything that is for it.
inline constexpr std::string_view kSkapiPath = "/skapi/";
inline constexpr std::string_view kSkapiSocketPath = "/skapi/realtime";

/// What the public client is told and let do; of all workers.
struct SkapiSettings {
    std::vector<skapi::Service> services;
    std::vector<auth::Secret> service_secrets;  ///< by service: of our own tokens for it
    std::vector<std::size_t> applications;      ///< by service: the index of the one it is in
    UpgradeRules upgrade;                       ///< of its WebSockets; also tells which pages may ask
    /// How clients reach us, "https://chat.example.com"; empty: as each of them does.
    std::string url;
    auth::TokenRules token_rules;
    unsigned json_depth_max = 64;
    SkapiClient::Settings client;
};

}  // namespace pipit::net
