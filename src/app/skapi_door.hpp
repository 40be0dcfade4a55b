#pragma once

#include <memory>
#include <vector>

#include "app/application.hpp"
#include "net/key_fetcher.hpp"
#include "net/skapi_service.hpp"
#include "net/worker.hpp"

namespace pipit::app {

/// Lets the public client in: a service for it on each worker, before those of the applications, and the keys
/// of its tokens. Used by the main thread only.
class SkapiDoor {
 public:
    SkapiDoor(const Settings& settings, const auth::Secret& secret, const net::UpgradeRules& upgrade);

    /// Reads the keys of identity providers that are in files. The failure says what to do.
    base::Status open();
    /// The service of one more worker, with what each of the applications has there. `endpoint`: the index of
    /// its WebSockets.
    std::unique_ptr<net::SkapiService> add_worker(
        net::Worker& worker, std::size_t endpoint,
        std::vector<net::SkapiApplications::Application> applications);
    /// When every worker runs.
    void start() { key_fetcher_.start(); }
    /// Before the workers are stopped.
    void stop() { key_fetcher_.stop(); }
    void reload() { key_fetcher_.reload(); }

    const net::UpgradeRules& upgrade() const { return settings_.upgrade; }

 private:
    struct Place {
        net::Worker* worker;
        net::SkapiService* service;
    };

    void keys_arrived(const std::shared_ptr<const auth::KeyRing>& keys, bool fetched);

    const net::SkapiSettings settings_;
    net::KeyFetcher key_fetcher_;
    std::shared_ptr<const auth::KeyRing> keys_;  // those that it starts with
    std::vector<Place> places_;                  // by worker
};

}  // namespace pipit::app
