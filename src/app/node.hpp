#pragma once

#include <memory>
#include <vector>

#include "app/application.hpp"
#include "app/settings.hpp"
#include "app/site.hpp"
#include "app/skapi_door.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"
#include "net/listener.hpp"
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
    base::Result<net::TlsContext> load_tls() const;
    base::Status open_stun();
    std::unique_ptr<net::Service> make_service(net::Worker& worker);
    void reload_tls();
    void make_workers();

    const Settings settings_;
    const auth::Secret secret_;
    Site site_;
    net::WorkerSettings worker_settings_;
    net::ListenerSettings listener_settings_;
    const std::size_t worker_count_;
    std::vector<std::unique_ptr<Application>> applications_;  // the first is that of our own clients
    std::unique_ptr<SkapiDoor> skapi_door_;                   // null: shut
    std::unique_ptr<net::Listener> listener_;                 // outlives the workers' connections
    std::vector<std::unique_ptr<net::Worker>> workers_;
    std::unique_ptr<net::StunServer> stun_server_;  // on the first worker's loop
};

}  // namespace pipit::app
