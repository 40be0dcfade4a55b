#include "app/node.hpp"

#include <algorithm>
#include <thread>

#include <spdlog/spdlog.h>

#include "app/node_settings.hpp"
#include "app/vapid_key_store.hpp"

namespace pipit::app {

Node::Node(const Settings& settings, auth::Secret secret, rtc::TurnSecret turn_secret)
    : settings_(settings),
      secret_(std::move(secret)),
      site_(site_settings(settings), secret_),
      hub_settings_(hub_settings(settings, secret_, std::move(turn_secret))),
      worker_settings_(worker_settings(settings)),
      listener_settings_(listener_settings(settings)) {
    worker_settings_.http = [this](const net::HttpRequest& request) { return site_.answer(request); };
}

Node::~Node() {
    if (key_fetcher_) key_fetcher_->stop();
    if (listener_) listener_->close();
    if (stun_server_) stun_server_->close();
    // The first worker stops last: the others give their connections back to the listener, which lives on its
    // loop. Until all have stopped they may post to each other, so none is gone before.
    for (auto place = workers_.rbegin(); place != workers_.rend(); ++place)
        place->worker->stop();
    // They have got all that the workers have asked for, and write it down.
    push_engine_.reset();
    history_engine_.reset();
    // What the others still have in their queues goes back to the listener, too.
    while (workers_.size() > 1)
        workers_.pop_back();
    listener_.reset();
    stun_server_.reset();
}

base::Status Node::start() {
    auth::Issuer local = auth::local_issuer(auth::Secret(secret_));
    local.audiences = settings_.auth.audiences;
    key_fetcher_ = std::make_unique<net::KeyFetcher>(
        std::move(local), key_sources(settings_),
        [this](std::shared_ptr<const auth::KeyRing> keys, bool fetched) { keys_arrived(keys, fetched); });
    const auto keys = key_fetcher_->load_files();
    if (!keys) return keys.error();
    auto tls = load_tls();
    if (!tls) return tls.error();

    make_workers(*keys);
    if (const base::Status push_opened = open_push(); !push_opened) return push_opened;
    if (const base::Status histories_opened = open_histories(); !histories_opened) return histories_opened;
    std::vector<net::Worker*> workers;
    for (const WorkerPlace& place : workers_)
        workers.push_back(place.worker.get());
    listener_ = std::make_unique<net::Listener>(listener_settings_, workers);
    const base::Status opened = listener_->open();
    if (!opened) return opened;
    if (const base::Status stun_opened = open_stun(); !stun_opened) return stun_opened;

    for (net::Worker* worker : workers)
        worker->start();
    if (push_engine_) push_engine_->start();
    if (history_engine_) history_engine_->start();
    key_fetcher_->start();
    listener_->start(*tls);
    if (stun_server_) stun_server_->start();
    return std::monostate{};
}

base::Status Node::open_stun() {
    if (!settings_.stun.enabled) return std::monostate{};
    stun_server_ = std::make_unique<net::StunServer>(*workers_.front().worker, stun_rate(settings_));
    const auto port = static_cast<std::uint16_t>(settings_.stun.port);
    base::Status opened = stun_server_->open(listener_->address(), port != 0 ? port : listener_->port());
    // Whoever lets the system choose the port for TCP gets the same one for UDP if it is free there, too.
    if (!opened && port == 0 && listener_settings_.port == 0)
        opened = stun_server_->open(listener_->address(), 0);
    hub_settings_.ice.stun_port = stun_server_->port();
    return opened;
}

base::Status Node::open_push() {
    if (!settings_.push.enabled) return std::monostate{};
    auto keys = open_vapid_keys(settings_);
    if (!keys) return keys.error();
    auto store =
        store::PushStore::open(push_database_url(settings_), push_limits(settings_), push_holder(settings_));
    if (!store) return base::Failure{push_database_failure(settings_, store.error())};
    if (settings_.push.subject.empty()) {
        spdlog::warn(
            "push.subject is not set: Apple's push service takes no notifications without it. Set it to a "
            "\"mailto:\" or \"https://\" address where you can be reached.");
    }
    push_engine_ = std::make_unique<net::PushEngine>(
        push_engine_settings(settings_), std::move(*store), std::move(*keys),
        static_cast<core::WorkerIndex>(workers_.size()),
        [this](core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
            send_from_engine(to, std::move(messages));
        });
    return std::monostate{};
}

base::Status Node::open_histories() {
    if (settings_.history.durable_groups.empty()) return std::monostate{};
    auto log = store::HistoryLog::open(history_log_settings(settings_), history_random_, net::unix_ms_now());
    if (!log) {
        return base::Failure{"cannot open the histories of durable groups in " + settings_.server.data_dir +
                             ": " + log.error().message};
    }
    history_engine_ = std::make_unique<net::HistoryEngine>(
        net::HistoryEngineSettings{}, std::move(*log), static_cast<core::WorkerIndex>(workers_.size()),
        [this](core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
            send_from_engine(to, std::move(messages));
        });
    return std::monostate{};
}

void Node::send_from_engine(core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
    for (const core::ShardMessage& message : messages)
        queues_[to]->add(core::queued_bytes(message));
    send(to, std::move(messages));
}

void Node::send(core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
    const WorkerPlace& place = workers_[to];
    place.worker->post([service = place.service, messages = std::move(messages)]() mutable {
        service->receive(std::move(messages));
    });
}

void Node::make_workers(const std::shared_ptr<const auth::KeyRing>& keys) {
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t count = settings_.server.workers != 0 ? settings_.server.workers : cores;
    std::vector<net::ShardQueue*> queues;
    for (std::size_t index = 0; index < count; ++index) {
        queues.push_back(queues_.emplace_back(std::make_unique<net::ShardQueue>()).get());
    }
    const net::RealtimeService::Links links{
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
    for (std::size_t index = 0; index < count; ++index) {
        WorkerPlace place;
        place.worker = std::make_unique<net::Worker>(worker_settings_, [&](net::Worker& worker) {
            auto service = std::make_unique<net::RealtimeService>(
                hub_settings_,
                net::RealtimeService::QuestionRules{worker_settings_.upgrade, resubscribe_rate(settings_)},
                static_cast<core::WorkerIndex>(index), static_cast<core::WorkerIndex>(count), worker.arena(),
                keys, links);
            place.service = service.get();
            return service;
        });
        workers_.push_back(std::move(place));
    }
}

base::Result<net::TlsContext> Node::load_tls() const {
    if (settings_.tls.certificate_file.empty()) return net::TlsContext();
    return net::load_tls_context(settings_.tls.certificate_file, settings_.tls.key_file);
}

void Node::keys_arrived(const std::shared_ptr<const auth::KeyRing>& keys, bool fetched) {
    for (const WorkerPlace& place : workers_) {
        place.worker->post(
            [service = place.service, keys, fetched] { service->keys_arrived(keys, fetched); });
    }
}

void Node::reload() {
    key_fetcher_->reload();
    reload_tls();
    reload_vapid_keys();
}

void Node::reload_tls() {
    if (settings_.tls.certificate_file.empty()) return;
    auto tls = load_tls();
    if (!tls) {
        spdlog::error("the certificate stays as it is: {}", tls.error().message);
        return;
    }
    listener_->set_tls(*tls);
    spdlog::info("the certificate was read again; new connections use it");
}

void Node::reload_vapid_keys() {
    if (!push_engine_) return;
    auto keys = open_vapid_keys(settings_);
    if (!keys) {
        spdlog::error("the VAPID keys stay as they are: {}", keys.error().message);
        return;
    }
    push_engine_->set_keys(std::move(*keys));
    spdlog::info("the VAPID keys were read again");
}

void Node::begin_drain() {
    site_.begin_drain();
    for (const WorkerPlace& place : workers_) {
        place.worker->post([service = place.service] { service->begin_drain(); });
    }
    for (const WorkerPlace& place : workers_) {
        place.worker->post([worker = place.worker.get()] { worker->begin_drain(); });
    }
}

bool Node::is_drained() const {
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const WorkerPlace& place) { return place.worker->is_drained(); });
}

}  // namespace pipit::app
