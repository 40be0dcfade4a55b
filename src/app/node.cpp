#include "app/node.hpp"

#include <algorithm>
#include <thread>

#include <spdlog/spdlog.h>

#include "app/node_settings.hpp"
#include "app/skapi_settings.hpp"

namespace pipit::app {
namespace {

std::size_t worker_count(const Settings& settings) {
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    return settings.server.workers != 0 ? settings.server.workers : cores;
}

}  // namespace

Node::Node(const Settings& settings, auth::Secret secret, rtc::TurnSecret turn_secret)
    : settings_(settings),
      secret_(std::move(secret)),
      site_(site_settings(settings), secret_),
      worker_settings_(worker_settings(settings)),
      listener_settings_(listener_settings(settings)),
      worker_count_(worker_count(settings)) {
    worker_settings_.http = [this](const net::HttpRequest& request) { return site_.answer(request); };
    const auto add = [&](const Settings& of_application, auth::Secret own_secret) {
        applications_.push_back(std::make_unique<Application>(of_application, std::move(own_secret),
                                                              rtc::TurnSecret(turn_secret), worker_count_));
    };
    add(settings, auth::Secret(secret_));
    if (!is_skapi_on(settings)) return;
    for (const SkapiServiceSettings& service : skapi_services(settings)) {
        if (!service.shared)
            add(application_settings(settings, service), application_secret(secret_, service));
    }
    skapi_door_ =
        std::make_unique<SkapiDoor>(settings, secret_, worker_settings_.endpoints.at(kSkapiEndpoint).upgrade);
}

Node::~Node() {
    for (const auto& application : applications_)
        application->stop_keys();
    if (skapi_door_) skapi_door_->stop();
    if (listener_) listener_->close();
    if (stun_server_) stun_server_->close();
    // The first worker stops last: the others give their connections back to the listener, which lives on its
    // loop. Until all have stopped they may post to each other, so none is gone before.
    for (auto worker = workers_.rbegin(); worker != workers_.rend(); ++worker)
        (*worker)->stop();
    for (const auto& application : applications_)
        application->stop();
    // What the others still have in their queues goes back to the listener, too.
    while (workers_.size() > 1)
        workers_.pop_back();
    listener_.reset();
    stun_server_.reset();
}

base::Status Node::start() {
    auto tls = load_tls();
    if (!tls) return tls.error();
    for (const auto& application : applications_) {
        if (const base::Status opened = application->open(); !opened) return opened;
    }
    if (skapi_door_) {
        if (const base::Status opened = skapi_door_->open(); !opened) return opened;
    }

    make_workers();
    std::vector<net::Worker*> workers;
    for (const auto& worker : workers_)
        workers.push_back(worker.get());
    listener_ = std::make_unique<net::Listener>(listener_settings_, workers);
    const base::Status opened = listener_->open();
    if (!opened) return opened;
    if (const base::Status stun_opened = open_stun(); !stun_opened) return stun_opened;

    for (net::Worker* worker : workers)
        worker->start();
    for (const auto& application : applications_)
        application->start();
    if (skapi_door_) skapi_door_->start();
    listener_->start(*tls);
    if (stun_server_) stun_server_->start();
    return std::monostate{};
}

base::Status Node::open_stun() {
    if (!settings_.stun.enabled) return std::monostate{};
    stun_server_ = std::make_unique<net::StunServer>(*workers_.front(), stun_rate(settings_));
    const auto port = static_cast<std::uint16_t>(settings_.stun.port);
    base::Status opened = stun_server_->open(listener_->address(), port != 0 ? port : listener_->port());
    // Whoever lets the system choose the port for TCP gets the same one for UDP if it is free there, too.
    if (!opened && port == 0 && listener_settings_.port == 0)
        opened = stun_server_->open(listener_->address(), 0);
    for (const auto& application : applications_)
        application->set_stun_port(stun_server_->port());
    return opened;
}

void Node::make_workers() {
    for (std::size_t index = 0; index < worker_count_; ++index) {
        workers_.push_back(std::make_unique<net::Worker>(
            worker_settings_, [this](net::Worker& worker) { return make_service(worker); }));
    }
}

std::unique_ptr<net::Service> Node::make_service(net::Worker& worker) {
    const net::UpgradeRules& upgrade = worker_settings_.endpoints.front().upgrade;
    if (!skapi_door_) return applications_.front()->add_worker(worker, upgrade);
    std::vector<net::SkapiApplications::Application> applications;
    for (const auto& application : applications_) {
        applications.push_back({application->add_worker(worker, upgrade), auth::Secret(application->secret()),
                                own_token_audience(application->settings())});
    }
    return skapi_door_->add_worker(worker, kSkapiEndpoint, std::move(applications));
}

base::Result<net::TlsContext> Node::load_tls() const {
    if (settings_.tls.certificate_file.empty()) return net::TlsContext();
    return net::load_tls_context(settings_.tls.certificate_file, settings_.tls.key_file);
}

void Node::reload() {
    reload_tls();
    for (const auto& application : applications_)
        application->reload();
    if (skapi_door_) skapi_door_->reload();
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

void Node::begin_drain() {
    site_.begin_drain();
    for (const auto& application : applications_)
        application->begin_drain();
    for (const auto& worker : workers_)
        worker->post([worker = worker.get()] { worker->begin_drain(); });
}

bool Node::is_drained() const {
    return std::ranges::all_of(workers_, [](const auto& worker) { return worker->is_drained(); });
}

}  // namespace pipit::app
