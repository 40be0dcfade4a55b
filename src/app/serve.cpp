#include "app/serve.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/key_store.hpp"
#include "app/log.hpp"
#include "app/node.hpp"
#include "app/settings_forms.hpp"
#include "app/skapi_settings.hpp"
#include "net/boost_asio.hpp"
#include "store/file_lock.hpp"

namespace pipit::app {
namespace {

constexpr base::Millis kDrainLook{50};

/// What the operating system tells the process, as steps of the node's life. It must be there before the node
/// starts and until it has ended: a signal that nobody waits for would cut every client off.
class Lifetime {
 public:
    explicit Lifetime(const Settings& settings) : drain_timeout_(settings.drain.timeout_ms) {}

    /// Returns when `node` is to end.
    void run(Node& node) {
        node_ = &node;
        wait_for_signal();
        loop_.run();
    }

 private:
    void wait_for_signal() {
        signals_.async_wait([this](net::ErrorCode error, int signal) {
            if (error) return;
            if (signal == SIGHUP) {
                spdlog::info("SIGHUP: reading certificates and keys again");
                node_->reload();
                wait_for_signal();
            } else if (!draining_) {
                begin_drain();
                wait_for_signal();
            } else {
                spdlog::warn("a second signal: stopping at once");
                loop_.stop();
            }
        });
    }

    void begin_drain() {
        spdlog::info("stopping: clients are told when to come back; a second signal stops at once");
        draining_ = true;
        drain_until_ = net::monotonic_now() + drain_timeout_;
        node_->begin_drain();
        look();
    }

    void look() {
        if (node_->is_drained()) {
            spdlog::info("stopped: every client was told");
            loop_.stop();
        } else if (net::monotonic_now() >= drain_until_) {
            spdlog::warn("stopped: some clients were still there after drain.timeout_ms");
            loop_.stop();
        } else {
            timer_.expires_after(kDrainLook);
            timer_.async_wait([this](net::ErrorCode error) {
                if (!error) look();
            });
        }
    }

    Node* node_ = nullptr;
    std::chrono::milliseconds drain_timeout_;
    net::asio::io_context loop_{1};
    net::asio::signal_set signals_{loop_, SIGINT, SIGTERM, SIGHUP};
    net::Timer timer_{loop_.get_executor()};
    base::Instant drain_until_{};
    bool draining_ = false;
};

void announce(const Settings& settings, const Node& node) {
    const std::string_view listen = settings.server.listen;
    const std::string_view host = listen.substr(0, listen.rfind(':'));
    const std::string_view scheme = settings.tls.certificate_file.empty() ? "http" : "https";
    if (node.stun_port() != 0) spdlog::info("answering STUN on UDP {}:{}", host, node.stun_port());
    spdlog::info("listening on {}:{}", host, node.port());
    spdlog::info("the data folder is {}",
                 std::filesystem::absolute(settings.server.data_dir).lexically_normal().string());
    if (!settings.history.durable_groups.empty()) {
        spdlog::info("kept there: the histories of the groups {}",
                     fmt::join(settings.history.durable_groups, ", "));
    }
    if (settings.push.enabled && settings.push.subject.empty()) {
        // Whoever develops has no iPhone that subscribes.
        spdlog::log(
            settings.server.dev ? spdlog::level::info : spdlog::level::warn,
            "push.subject is not set: Apple's push service takes no notifications without it. Set it to a "
            "\"mailto:\" or \"https://\" address where you can be reached.");
    }
    if (is_skapi_on(settings)) {
        const std::string reached = fmt::format("{}://{}:{}", scheme, host_to_open(host), node.port());
        spdlog::info("skapi-js finds this server at {}/skapi/",
                     settings.skapi.url.empty() ? reached : settings.skapi.url);
        if (settings.skapi.services.empty()) {
            const SkapiServiceSettings made_up = skapi_services(settings).front();
            spdlog::info("as new Skapi('{}', '{}', ...)", made_up.id, made_up.owner);
        }
    }
    if (!settings.skapi.services.empty() && !is_skapi_on(settings))
        spdlog::warn("skapi.services are set, but not skapi.enabled: skapi-js is not let in");
    if (!settings.server.dev) return;
    spdlog::warn("development mode: anyone on this machine can sign in as anyone");
    spdlog::info("open {}://{}:{}/ for the playground", scheme, host_to_open(host), node.port());
}

/// The data folder, which is there then, for this server alone as long as it runs.
base::Result<store::FileLock> take_data_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return base::Failure{
            fmt::format("cannot create the data folder {}: {}", folder.string(), error.message())};
    }
    const std::filesystem::path file = folder / "server.lock";
    auto lock = store::FileLock::take(file.string());
    if (lock) return std::move(lock).value();
    if (lock.error() == EWOULDBLOCK) {
        return base::Failure{fmt::format(
            "another server uses the data folder {}: give each its own, with --data or server.data_dir",
            folder.string())};
    }
    return base::Failure{fmt::format("cannot write {}: {}", file.string(), std::strerror(lock.error()))};
}

}  // namespace

ExitCode serve(const Settings& settings) {
    set_up_log(settings.log);
    std::signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error of one write
    const auto data_folder = take_data_folder(settings.server.data_dir);
    if (!data_folder) {
        spdlog::error("{}", data_folder.error().message);
        return ExitCode::failure;
    }
    auto secret = open_token_secret(settings);
    if (!secret) {
        spdlog::error("{}", secret.error().message);
        return ExitCode::failure;
    }
    auto turn_secret = open_turn_secret(settings);
    if (!turn_secret) {
        spdlog::error("{}", turn_secret.error().message);
        return ExitCode::failure;
    }
    Lifetime lifetime(settings);
    Node node(settings, std::move(secret).value(), std::move(turn_secret).value());
    const base::Status started = node.start();
    if (!started) {
        spdlog::error("{}", started.error().message);
        return ExitCode::failure;
    }
    announce(settings, node);
    lifetime.run(node);
    return ExitCode::ok;
}

}  // namespace pipit::app
