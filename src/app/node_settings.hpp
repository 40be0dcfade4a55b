#pragma once

#include "app/settings.hpp"
#include "app/site.hpp"
#include "auth/secret.hpp"
#include "core/hub.hpp"
#include "net/key_fetcher.hpp"
#include "net/listener.hpp"
#include "net/push_engine.hpp"
#include "net/worker.hpp"
#include "store/history_log.hpp"

namespace pipit::app {

// What each part of the node needs of the settings, in its own words.

/// `secret`: of our own tokens.
/// `turn_secret`: shared with TURN servers. Without the port of our own STUN, which is known once it is open.
core::HubSettings hub_settings(const Settings& settings, const auth::Secret& secret,
                               rtc::TurnSecret turn_secret);
core::RateLimiter::Settings stun_rate(const Settings& settings);
core::RateLimiter::Settings resubscribe_rate(const Settings& settings);
/// Where the WebSockets of the public client are among the endpoints, when it is let in.
inline constexpr std::size_t kSkapiEndpoint = 1;
/// Without the HTTP handler.
net::WorkerSettings worker_settings(const Settings& settings);
net::ListenerSettings listener_settings(const Settings& settings);
std::vector<net::KeySource> key_sources(const Settings& settings);
net::PushEngineSettings push_engine_settings(const Settings& settings);
store::PushLimits push_limits(const Settings& settings);
/// As store::PushStore::open() takes it.
std::string push_database_url(const Settings& settings);
store::HistoryLog::Settings history_log_settings(const Settings& settings);
/// Names this server among those that share a database; the same after a restart.
std::string push_holder(const Settings& settings);
/// What to tell when that database could not be opened; without a password in it.
std::string push_database_failure(const Settings& settings, const store::StoreError& error);
Site::Settings site_settings(const Settings& settings);

/// What a token of our own is for, so that we accept it: one of auth.audiences, or "" when none is asked for.
std::string own_token_audience(const Settings& settings);

}  // namespace pipit::app
