#include "app/skapi_door.hpp"

#include <utility>

#include "app/skapi_settings.hpp"
#include "skapi/tokens.hpp"

namespace pipit::app {
namespace {

std::vector<auth::Issuer> own_issuers(const net::SkapiSettings& settings) {
    std::vector<auth::Issuer> issuers;
    for (std::size_t index = 0; index < settings.services.size(); ++index) {
        issuers.push_back(
            skapi::own_issuer(settings.services[index], auth::Secret(settings.service_secrets[index])));
    }
    return issuers;
}

}  // namespace

SkapiDoor::SkapiDoor(const Settings& settings, const auth::Secret& secret, const net::UpgradeRules& upgrade)
    : settings_(skapi_settings(settings, secret, upgrade)),
      key_fetcher_(
          own_issuers(settings_), skapi_key_sources(settings),
          [this](std::shared_ptr<const auth::KeyRing> keys, bool fetched) { keys_arrived(keys, fetched); }) {}

base::Status SkapiDoor::open() {
    auto keys = key_fetcher_.load_files();
    if (!keys) return keys.error();
    keys_ = std::move(*keys);
    return std::monostate{};
}

std::unique_ptr<net::SkapiService> SkapiDoor::add_worker(
    net::Worker& worker, std::size_t endpoint,
    std::vector<net::SkapiApplications::Application> applications) {
    auto service = std::make_unique<net::SkapiService>(settings_, endpoint, std::move(applications), keys_,
                                                       [this] { key_fetcher_.fetch_soon(); });
    places_.push_back({&worker, service.get()});
    return service;
}

void SkapiDoor::keys_arrived(const std::shared_ptr<const auth::KeyRing>& keys, bool fetched) {
    for (const Place& place : places_) {
        place.worker->post(
            [service = place.service, keys, fetched] { service->keys_arrived(keys, fetched); });
    }
}

}  // namespace pipit::app
