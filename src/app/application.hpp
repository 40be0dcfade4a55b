#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "app/settings.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"
#include "core/hub.hpp"
#include "net/history_engine.hpp"
#include "net/key_fetcher.hpp"
#include "net/os.hpp"
#include "net/push_engine.hpp"
#include "net/realtime_service.hpp"
#include "net/worker.hpp"

namespace pipit::app {

/// Everything that one application has of a server: its hub on each worker, who sends its notifications, who
/// keeps its histories, and the keys of its tokens. Nothing of it is shared with another application of the
/// same server but the workers' threads. Used by the main thread only.
class Application {
 public:
    /// `settings` are its own: what is kept is kept in their data_dir.
    Application(Settings settings, auth::Secret secret, rtc::TurnSecret turn_secret,
                std::size_t worker_count);
    ~Application();

    /// Reads the keys of token issuers and opens what is kept on disk. The failure says what to do.
    base::Status open();
    /// Makes its part of one more worker, after open(), in the order of the workers.
    std::unique_ptr<net::RealtimeService> add_worker(net::Worker& worker, const net::UpgradeRules& upgrade);
    /// Of our STUN server; 0 when it is off. Before start().
    void set_stun_port(std::uint16_t port) { hub_settings_.ice.stun_port = port; }
    /// When every worker runs.
    void start();
    /// Keys of token issuers do not arrive any more. Before the workers are stopped.
    void stop_keys();
    /// When the workers have stopped, and are still there.
    void stop();

    /// Reads the keys of token issuers and the VAPID keys again; what cannot be read stays as it was.
    void reload();
    /// Nobody is told any more of those who go.
    void begin_drain();

    const Settings& settings() const { return settings_; }
    const auth::Secret& secret() const { return secret_; }

 private:
    struct Place {
        net::Worker* worker;
        net::RealtimeService* service;
    };

    base::Status open_push();
    base::Status open_histories();
    net::RealtimeService::Links links();
    /// To a worker's hub, from another one or from an engine.
    void send(core::WorkerIndex to, std::vector<core::ShardMessage> messages);
    /// The same from an engine, counted among what waits for the worker.
    void send_from_engine(core::WorkerIndex to, std::vector<core::ShardMessage> messages);
    void reload_vapid_keys();
    void keys_arrived(const std::shared_ptr<const auth::KeyRing>& keys, bool fetched);

    const Settings settings_;
    const auth::Secret secret_;
    core::HubSettings hub_settings_;
    std::vector<std::unique_ptr<net::ShardQueue>> queues_;  // by worker
    std::vector<Place> places_;                             // by worker
    std::unique_ptr<net::PushEngine> push_engine_;          // null: switched off
    net::OsRandom history_random_;                          // the engine's
    std::unique_ptr<net::HistoryEngine> history_engine_;    // null: no group is durable
    std::unique_ptr<net::KeyFetcher> key_fetcher_;
    std::shared_ptr<const auth::KeyRing> keys_;  // those that it starts with
};

}  // namespace pipit::app
