#include "app/skapi_settings.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "app/node_settings.hpp"
#include "auth/hmac.hpp"
#include "skapi/tokens.hpp"

namespace pipit::app {
namespace {

const SkapiServiceSettings kMadeUpService{
    .id = "us31pipitdev01", .owner = "00000000-0000-4000-8000-000000000001", .name = "Pipit", .shared = true};

}  // namespace

bool is_skapi_on(const Settings& settings) {
    return settings.skapi.enabled || settings.server.dev;
}

std::vector<SkapiServiceSettings> skapi_services(const Settings& settings) {
    return settings.skapi.services.empty() ? std::vector{kMadeUpService} : settings.skapi.services;
}

skapi::Service skapi_service(const SkapiServiceSettings& settings) {
    return {.id = settings.id,
            .owner = settings.owner,
            .name = settings.name,
            .issuer = settings.issuer,
            .client_ids = settings.client_ids};
}

net::SkapiSettings skapi_settings(const Settings& settings, const auth::Secret& secret,
                                  const net::UpgradeRules& upgrade) {
    net::SkapiSettings skapi;
    std::size_t apart = 0;
    for (const SkapiServiceSettings& service : skapi_services(settings)) {
        skapi.services.push_back(skapi_service(service));
        skapi.service_secrets.push_back(skapi::service_secret(secret, service.id));
        skapi.applications.push_back(service.shared ? 0 : ++apart);
    }
    skapi.upgrade = upgrade;
    skapi.url = settings.skapi.url;
    const core::HubSettings hub = hub_settings(settings, secret, {});
    skapi.token_rules = hub.token_rules;
    skapi.json_depth_max = hub.decode.json_depth_max;
    skapi.client.conversation.json_depth_max = hub.decode.json_depth_max;
    skapi.client.conversation.calls_max = hub.calls_per_connection_max;
    skapi.client.held_bytes_max = 2 * settings.skapi.message_bytes_max;
    skapi.client.held_of_unknown_bytes_max = settings.limits.message_bytes_max;
    return skapi;
}

std::vector<net::KeySource> skapi_key_sources(const Settings& settings) {
    std::vector<net::KeySource> sources;
    for (const SkapiServiceSettings& service : skapi_services(settings)) {
        // Services of the same provider have the same keys.
        const bool is_there =
            std::ranges::find(sources, service.issuer, &net::KeySource::issuer) != sources.end();
        if (service.issuer.empty() || is_there) continue;
        sources.push_back({.issuer = service.issuer,
                           .file = service.jwks_file,
                           .url = service.jwks_url,
                           .refresh = base::Millis(static_cast<std::int64_t>(service.refresh_s * 1000))});
    }
    return sources;
}

Settings application_settings(const Settings& settings, const SkapiServiceSettings& service) {
    Settings own = settings;
    own.server.data_dir =
        (std::filesystem::path(settings.server.data_dir) / "applications" / service.id).string();
    own.push.database.clear();
    own.auth.audiences.clear();
    own.auth.issuers.clear();
    return own;
}

auth::Secret application_secret(const auth::Secret& secret, const SkapiServiceSettings& service) {
    return auth::derive_secret(secret, "pipit application v1 " + service.id);
}

}  // namespace pipit::app
