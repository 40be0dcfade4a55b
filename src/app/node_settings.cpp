#include "app/node_settings.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "app/cli.hpp"
#include "app/settings_forms.hpp"
#include "app/skapi_settings.hpp"
#include "auth/glob.hpp"
#include "auth/hmac.hpp"
#include "base/assert.hpp"

namespace pipit::app {
namespace {

base::Millis millis(std::uint64_t count) {
    return base::Millis(static_cast<std::int64_t>(count));
}

/// Of one address, of which twice as many may come at once.
core::RateLimiter::Settings source_rate(std::uint64_t per_second) {
    const auto steady = static_cast<std::uint32_t>(per_second);
    return {.per_second = steady, .burst = 2 * steady};
}

/// The key that hides positions in lists from clients. It is the same after a restart and on every server
/// with that secret.
std::string cursor_key(const auth::Secret& secret) {
    return std::string(base::as_text(auth::derive_secret(secret, "pipit list cursor v1").bytes()));
}

core::HistorySettings history_settings(const Settings& settings) {
    const auto& history = settings.history;
    core::HistorySettings kept{
        .of_group = {.events_max = history.messages_max, .bytes_max = history.group_bytes_max},
        .of_user = {.events_max = history.user_messages_max,
                    .bytes_max = std::min(history.user_bytes_max, settings.limits.outbox_bytes_max / 2)},
        .bytes_max = history.bytes_max,
        .age_max = millis(1'000 * history.age_max_s),
        .key_window = millis(1'000 * history.key_window_s),
        .is_durable = {}};
    if (history.durable_groups.empty()) return kept;
    kept.is_durable = [patterns = history.durable_groups](std::string_view group) {
        return std::ranges::any_of(
            patterns, [&](const std::string& pattern) { return auth::glob_matches(pattern, group); });
    };
    return kept;
}

}  // namespace

core::HubSettings hub_settings(const Settings& settings, const auth::Secret& secret,
                               rtc::TurnSecret turn_secret) {
    const auto& limits = settings.limits;
    core::HubSettings hub;
    hub.decode.group_name_bytes_max = limits.group_name_bytes_max;
    hub.decode.user_id_bytes_max = limits.user_id_bytes_max;
    hub.decode.token_bytes_max = limits.token_bytes_max;
    hub.decode.json_depth_max = static_cast<unsigned>(limits.json_depth_max);
    hub.rate.per_second = static_cast<std::uint32_t>(limits.commands_per_second);
    hub.rate.burst = static_cast<std::uint32_t>(limits.commands_burst);
    hub.token_rules.token_bytes_max = limits.token_bytes_max;
    hub.token_rules.claims.user_id_bytes_max = limits.user_id_bytes_max;
    hub.token_rules.claims.leeway_s = static_cast<base::UnixSeconds>(settings.auth.leeway_s);
    hub.encoder.deflate_level = static_cast<int>(settings.deflate.level);
    hub.encoder.deflate_message_bytes_min = settings.deflate.message_bytes_min;
    hub.message_bytes_max = limits.message_bytes_max;
    hub.connections_per_user_max = limits.connections_per_user_max;
    hub.sign_in_timeout = millis(limits.sign_in_timeout_ms);
    hub.ping_interval = millis(settings.heartbeat.ping_interval_ms);
    hub.pong_timeout = millis(settings.heartbeat.pong_timeout_ms);
    hub.grace = millis(settings.presence.grace_ms);
    hub.watch_interval = millis(settings.presence.watch_interval_ms);
    hub.watches_per_connection_max = limits.watches_per_connection_max;
    hub.watches_max = limits.watches_max;
    hub.page_bytes_max = limits.outbox_bytes_max / 2;  // the other half is for what waits already
    hub.history = history_settings(settings);
    hub.list_access = settings.access.list;
    hub.call_access = settings.calls.allow;
    hub.ring_timeout = millis(settings.calls.ring_timeout_ms);
    hub.calls_per_connection_max = limits.calls_per_connection_max;
    hub.ice.stun_host = settings.stun.host;
    hub.ice.turn_urls = settings.turn.urls;
    hub.ice.turn_secret = std::move(turn_secret);
    hub.ice.turn_credential_ttl = std::chrono::seconds(settings.turn.credential_ttl_s);
    hub.cursor_key = cursor_key(secret);
    hub.push = settings.push.enabled;
    hub.users_per_notification_max = settings.push.users_per_notification_max;
    hub.drain_spread = millis(settings.drain.spread_ms);
    hub.server_name = "pipit/" + std::string(version());
    const auto pattern = std::make_shared<const re2::RE2>(settings.auth.user_id_pattern);
    hub.is_user_id = [pattern](std::string_view name) {
        return re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *pattern);
    };
    return hub;
}

core::RateLimiter::Settings stun_rate(const Settings& settings) {
    return source_rate(settings.stun.requests_per_second);
}

core::RateLimiter::Settings resubscribe_rate(const Settings& settings) {
    return source_rate(settings.push.resubscribes_per_second);
}

namespace {

void add_skapi_endpoint(const Settings& settings, net::WorkerSettings& worker) {
    const std::uint64_t message_bytes_max = settings.skapi.message_bytes_max;
    // What one client may send, every other one must be able to get.
    net::WebSocketEndpoint& native = worker.endpoints.front();
    native.outbox_bytes_max = std::max<std::size_t>(native.outbox_bytes_max, 2 * message_bytes_max);
    net::WebSocketEndpoint endpoint = native;
    endpoint.upgrade.path = net::kSkapiSocketPath;
    endpoint.upgrade.subprotocol.clear();
    endpoint.upgrade.token_parameter = "token";
    endpoint.upgrade.deflate.reset();
    endpoint.message_bytes_max = static_cast<std::uint32_t>(message_bytes_max);
    worker.endpoints.push_back(std::move(endpoint));
    PIPIT_ASSERT(worker.endpoints.size() == kSkapiEndpoint + 1);
}

}  // namespace

net::WorkerSettings worker_settings(const Settings& settings) {
    net::WorkerSettings worker;
    net::WebSocketEndpoint& endpoint = worker.endpoints.emplace_back();
    endpoint.upgrade.path = "/v1/realtime";
    endpoint.upgrade.subprotocol = "pipit.v1";
    endpoint.upgrade.allowed_origins = settings.server.allowed_origins;
    endpoint.upgrade.allow_loopback_origins = settings.server.dev;
    if (settings.deflate.enabled) endpoint.upgrade.deflate = codec::DeflateSettings{};
    endpoint.message_bytes_max = static_cast<std::uint32_t>(settings.limits.message_bytes_max);
    endpoint.outbox_bytes_max = settings.limits.outbox_bytes_max;
    worker.http_body_bytes_max = settings.limits.message_bytes_max;
    if (is_skapi_on(settings)) add_skapi_endpoint(settings, worker);
    worker.http_header_bytes_max = settings.limits.http_header_bytes_max;
    worker.handshake_timeout = millis(settings.limits.handshake_timeout_ms);
    return worker;
}

net::ListenerSettings listener_settings(const Settings& settings) {
    const auto address = parse_listen(settings.server.listen);
    PIPIT_ASSERT(address);  // its form was checked when it was loaded
    net::ListenerSettings listener;
    listener.host = address->host;
    listener.port = address->port;
    listener.connections_max = settings.limits.connections_max;
    listener.connections_per_address_max = settings.limits.connections_per_address_max;
    return listener;
}

std::vector<net::KeySource> key_sources(const Settings& settings) {
    std::vector<net::KeySource> sources;
    for (const IssuerSettings& issuer : settings.auth.issuers) {
        sources.push_back({.issuer = issuer.issuer,
                           .audiences = issuer.audiences,
                           .file = issuer.jwks_file,
                           .url = issuer.jwks_url,
                           .refresh = millis(issuer.refresh_s * 1000)});
    }
    return sources;
}

net::PushEngineSettings push_engine_settings(const Settings& settings) {
    const auto& push = settings.push;
    net::PushEngineSettings engine;
    auto targets = push::TargetRules::admitting(push.allowed_hosts);
    PIPIT_ASSERT(targets);  // its form was checked when it was loaded, as was that of the subject
    engine.sender.transfer.targets = std::move(*targets);
    engine.sender.transfer.ca_file = push.ca_file;
    engine.sender.transfer.total_timeout = millis(push.transfer_timeout_ms);
    PIPIT_ASSERT(2 * engine.sender.transfer.total_timeout < engine.take.lease);
    engine.sender.transfer.connect_timeout =
        std::min(engine.sender.transfer.connect_timeout, engine.sender.transfer.total_timeout);
    engine.sender.queue.in_flight_max = push.in_flight_max;
    engine.sender.queue.in_flight_per_multiplexing_origin_max = push.in_flight_per_origin_max;
    engine.sender.queue.in_flight_per_origin_max =
        std::min<std::size_t>(engine.sender.queue.in_flight_per_origin_max, push.in_flight_per_origin_max);
    engine.retry.backoff_first = millis(push.retry_first_ms);
    engine.retry.backoff_max = millis(push.retry_max_ms);
    engine.confirm_timeout = millis(push.confirm_timeout_ms);
    if (!push.subject.empty()) {
        auto subject = push::VapidSubject::parse(push.subject);
        PIPIT_ASSERT(subject);
        engine.subject = std::move(*subject);
    }
    return engine;
}

store::PushLimits push_limits(const Settings& settings) {
    const auto& push = settings.push;
    return {.subscriptions_per_user_max = push.subscriptions_per_user_max,
            .users_per_notification_max = push.users_per_notification_max,
            .notifications_max = push.notifications_max,
            .notifications_per_author_max = push.notifications_per_author_max,
            .deliveries_max = push.deliveries_max};
}

std::string push_database_url(const Settings& settings) {
    if (!settings.push.database.empty()) return settings.push.database;
    return "sqlite://" + (std::filesystem::absolute(settings.server.data_dir) / "pipit.db").string();
}

store::HistoryLog::Settings history_log_settings(const Settings& settings) {
    const auto& history = settings.history;
    return {.folder = settings.server.data_dir,
            .limits = {.records_max = history.durable_messages_max,
                       .age_max = millis(1'000 * history.durable_age_max_s),
                       .bytes_max = history.durable_bytes_max}};
}

std::string push_holder(const Settings& settings) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("{}:{}", host.data(), std::filesystem::absolute(settings.server.data_dir).string());
}

std::string push_database_failure(const Settings& settings, const store::StoreError& error) {
    if (settings.push.database.empty()) {
        return fmt::format("cannot open the database of notifications, {}: {}",
                           push_database_url(settings).substr(std::string_view("sqlite://").size()),
                           error.message);
    }
    std::string_view advice;
    if (error.fault == store::StoreFault::unreachable)
        advice = ". Is it running, and are the address, the user and the password right?";
    if (error.fault == store::StoreFault::not_permitted)
        advice = ". The user of push.database must own the database, or the schema that its tables are in.";
    return fmt::format("cannot open the database of notifications, that of push.database: {}{}",
                       error.message, advice);
}

Site::Settings site_settings(const Settings& settings) {
    return {.dev = settings.server.dev,
            .user_id_bytes_max = settings.limits.user_id_bytes_max,
            .token_audience = own_token_audience(settings)};
}

std::string own_token_audience(const Settings& settings) {
    return settings.auth.audiences.empty() ? std::string() : settings.auth.audiences.front();
}

}  // namespace pipit::app
