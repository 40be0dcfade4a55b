#pragma once

#include "app/settings.hpp"
#include "app/site.hpp"
#include "auth/secret.hpp"
#include "core/hub.hpp"
#include "net/key_fetcher.hpp"
#include "net/listener.hpp"
#include "net/worker.hpp"

namespace pipit::app {

// What each part of the node needs of the settings, in its own words.

/// `secret`: of our own tokens.
/// `turn_secret`: shared with TURN servers. Without the port of our own STUN, which is known once it is open.
core::HubSettings hub_settings(const Settings& settings, const auth::Secret& secret,
                               rtc::TurnSecret turn_secret);
core::RateLimiter::Settings stun_rate(const Settings& settings);
/// Without the HTTP handler.
net::WorkerSettings worker_settings(const Settings& settings);
net::ListenerSettings listener_settings(const Settings& settings);
std::vector<net::KeySource> key_sources(const Settings& settings);
Site::Settings site_settings(const Settings& settings);

/// What a token of our own is for, so that we accept it: one of auth.audiences, or "" when none is asked for.
std::string own_token_audience(const Settings& settings);

}  // namespace pipit::app
