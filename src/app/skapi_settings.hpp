#pragma once

#include <string>
#include <vector>

#include "app/settings.hpp"
#include "auth/secret.hpp"
#include "net/key_source.hpp"
#include "net/skapi_settings.hpp"
#include "skapi/service.hpp"

namespace pipit::app {

// What the settings say of the public client, skapi-js, in the words of those who serve it.

/// Whether it is let in.
bool is_skapi_on(const Settings& settings);

/// The services that there are: those of the settings, or one that is made up for building an application on
/// one's own machine.
std::vector<SkapiServiceSettings> skapi_services(const Settings& settings);
skapi::Service skapi_service(const SkapiServiceSettings& settings);

/// `secret`: of our own tokens, of which those for each service are made. Every service that is not shared
/// has an application of its own, in their order behind the first one.
net::SkapiSettings skapi_settings(const Settings& settings, const auth::Secret& secret,
                                  const net::UpgradeRules& upgrade);
/// Where the keys of the services' identity providers are.
std::vector<net::KeySource> skapi_key_sources(const Settings& settings);

/// The settings of an application of its own.
Settings application_settings(const Settings& settings, const SkapiServiceSettings& service);
/// Its secret, so that none of its tokens is good anywhere else.
auth::Secret application_secret(const auth::Secret& secret, const SkapiServiceSettings& service);

}  // namespace pipit::app
