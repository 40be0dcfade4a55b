#pragma once

#include <memory>
#include <vector>

#include "app/settings.hpp"
#include "app/site.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"
#include "core/hub.hpp"
#include "net/history_engine.hpp"
#include "net/key_fetcher.hpp"
#include "net/listener.hpp"
#include "net/os.hpp"
#include "net/push_engine.hpp"
#include "net/realtime_service.hpp"
#include "net/stun_server.hpp"
#include "net/worker.hpp"

namespace pipit::app {

/// The whole server: makes every part, connects them, and ends them in order. Used by the main thread only.
class Node {
 public:
    Node(const Settings& settings, auth::Secret secret, rtc::TurnSecret turn_secret);
    ~Node();

    /// Reads keys and certificates, binds and begins to serve. The failure says what to do.
    base::Status start();
    std::uint16_t port() const { return listener_->port(); }
    /// UDP; 0 when STUN is off.
    std::uint16_t stun_port() const { return stun_server_ ? stun_server_->port() : 0; }

    /// Reads the certificate, the keys of token issuers and the VAPID keys again; what cannot be read stays
    /// as it was.
    void reload();

    /// Refuses new clients and sends those that are here away.
    void begin_drain();
    /// Nobody is left.
    bool is_drained() const;

 private:
    struct WorkerPlace {
        std::unique_ptr<net::Worker> worker;
        net::RealtimeService* service = nullptr;
    };

    base::Result<net::TlsContext> load_tls() const;
    base::Status open_stun();
    base::Status open_push();
    base::Status open_histories();
    /// To a worker's hub, from another one or from an engine.
    void send(core::WorkerIndex to, std::vector<core::ShardMessage> messages);
    /// The same from an engine, counted among what waits for the worker.
    void send_from_engine(core::WorkerIndex to, std::vector<core::ShardMessage> messages);
    void reload_tls();
    void reload_vapid_keys();
    void make_workers(const std::shared_ptr<const auth::KeyRing>& keys);
    void keys_arrived(const std::shared_ptr<const auth::KeyRing>& keys, bool fetched);

    const Settings settings_;
    const auth::Secret secret_;
    Site site_;
    core::HubSettings hub_settings_;
    net::WorkerSettings worker_settings_;
    net::ListenerSettings listener_settings_;
    std::unique_ptr<net::Listener> listener_;               // outlives the workers' connections
    std::vector<std::unique_ptr<net::ShardQueue>> queues_;  // by worker
    std::vector<WorkerPlace> workers_;
    std::unique_ptr<net::StunServer> stun_server_;  // on the first worker's loop
    std::unique_ptr<net::PushEngine> push_engine_;  // null: switched off; the last to go but for the workers
    net::OsRandom history_random_;                  // the engine's
    std::unique_ptr<net::HistoryEngine> history_engine_;  // null: no group is durable; goes likewise
    std::unique_ptr<net::KeyFetcher> key_fetcher_;
};

}  // namespace pipit::app
