#include "app/application.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "app/node_settings.hpp"
#include "app/vapid_key_store.hpp"
#include "net/tls_context.hpp"

namespace pipit::app {

Application::Application(Settings settings, auth::Secret secret, rtc::TurnSecret turn_secret,
                         std::size_t worker_count)
    : settings_(std::move(settings)),
      secret_(std::move(secret)),
      hub_settings_(hub_settings(settings_, secret_, std::move(turn_secret))) {
    for (std::size_t index = 0; index < worker_count; ++index)
        queues_.push_back(std::make_unique<net::ShardQueue>());
}

Application::~Application() = default;

base::Status Application::open() {
    auth::Issuer local = auth::local_issuer(auth::Secret(secret_));
    local.audiences = settings_.auth.audiences;
    key_fetcher_ = std::make_unique<net::KeyFetcher>(
        std::vector{std::move(local)}, key_sources(settings_),
        [this](std::shared_ptr<const auth::KeyRing> keys, bool fetched) { keys_arrived(keys, fetched); });
    auto keys = key_fetcher_->load_files();
    if (!keys) return keys.error();
    keys_ = std::move(*keys);
    if (const base::Status push_opened = open_push(); !push_opened) return push_opened;
    return open_histories();
}

base::Status Application::open_push() {
    if (!settings_.push.enabled) return std::monostate{};
    auto keys = open_vapid_keys(settings_);
    if (!keys) return keys.error();
    if (!settings_.push.ca_file.empty()) {
        if (const base::Status checked = net::check_authorities(settings_.push.ca_file); !checked)
            return checked;
    }
    auto store =
        store::PushStore::open(push_database_url(settings_), push_limits(settings_), push_holder(settings_));
    if (!store) return base::Failure{push_database_failure(settings_, store.error())};
    push_engine_ = std::make_unique<net::PushEngine>(
        push_engine_settings(settings_), std::move(*store), std::move(*keys),
        static_cast<core::WorkerIndex>(queues_.size()),
        [this](core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
            send_from_engine(to, std::move(messages));
        });
    return std::monostate{};
}

base::Status Application::open_histories() {
    if (settings_.history.durable_groups.empty()) return std::monostate{};
    auto log = store::HistoryLog::open(history_log_settings(settings_), history_random_, net::unix_ms_now());
    if (!log) {
        return base::Failure{"cannot open the histories of durable groups in " + settings_.server.data_dir +
                             ": " + log.error().message};
    }
    history_engine_ = std::make_unique<net::HistoryEngine>(
        net::HistoryEngineSettings{}, std::move(*log), static_cast<core::WorkerIndex>(queues_.size()),
        [this](core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
            send_from_engine(to, std::move(messages));
        });
    return std::monostate{};
}

std::unique_ptr<net::RealtimeService> Application::add_worker(net::Worker& worker,
                                                              const net::UpgradeRules& upgrade) {
    auto service = std::make_unique<net::RealtimeService>(
        hub_settings_, net::RealtimeService::QuestionRules{upgrade, resubscribe_rate(settings_)},
        static_cast<core::WorkerIndex>(places_.size()), static_cast<core::WorkerIndex>(queues_.size()),
        worker.arena(), keys_, links());
    places_.push_back({&worker, service.get()});
    return service;
}

net::RealtimeService::Links Application::links() {
    std::vector<net::ShardQueue*> queues;
    for (const auto& queue : queues_)
        queues.push_back(queue.get());
    return {
        .send = [this](core::WorkerIndex to,
                       std::vector<core::ShardMessage> messages) { send(to, std::move(messages)); },
        .queues = std::move(queues),
        .want_keys = [this] { key_fetcher_->fetch_soon(); },
        .push =
            [this](std::vector<core::PushCommand> commands) { push_engine_->receive(std::move(commands)); },
        .is_push_congested = [this] { return push_engine_ && push_engine_->is_congested(); },
        .history =
            [this](std::vector<core::HistoryCommand> commands) {
                history_engine_->receive(std::move(commands));
            },
        .is_history_congested = [this] { return history_engine_ && history_engine_->is_congested(); }};
}

void Application::send_from_engine(core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
    for (const core::ShardMessage& message : messages)
        queues_[to]->add(core::queued_bytes(message));
    send(to, std::move(messages));
}

void Application::send(core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
    const Place& place = places_[to];
    place.worker->post([service = place.service, messages = std::move(messages)]() mutable {
        service->receive(std::move(messages));
    });
}

void Application::start() {
    if (push_engine_) push_engine_->start();
    if (history_engine_) history_engine_->start();
    key_fetcher_->start();
}

void Application::stop_keys() {
    if (key_fetcher_) key_fetcher_->stop();
}

void Application::stop() {
    // They have got all that the workers have asked for, and write it down.
    push_engine_.reset();
    history_engine_.reset();
}

void Application::keys_arrived(const std::shared_ptr<const auth::KeyRing>& keys, bool fetched) {
    for (const Place& place : places_) {
        place.worker->post(
            [service = place.service, keys, fetched] { service->keys_arrived(keys, fetched); });
    }
}

void Application::reload() {
    key_fetcher_->reload();
    reload_vapid_keys();
}

void Application::reload_vapid_keys() {
    if (!push_engine_) return;
    auto keys = open_vapid_keys(settings_);
    if (!keys) {
        spdlog::error("the VAPID keys stay as they are: {}", keys.error().message);
        return;
    }
    push_engine_->set_keys(std::move(*keys));
    spdlog::info("the VAPID keys were read again");
}

void Application::begin_drain() {
    for (const Place& place : places_)
        place.worker->post([service = place.service] { service->begin_drain(); });
}

}  // namespace pipit::app
