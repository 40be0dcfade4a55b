#include "app/serve.hpp"

#include <spdlog/spdlog.h>

#include <csignal>

#include "app/key_store.hpp"
#include "app/node.hpp"
#include "net/boost_asio.hpp"

namespace pipit::app {
namespace {

constexpr base::Millis kDrainLook{50};

void set_up_log(const Settings::Log& log) {
    constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    spdlog::set_level(levels[static_cast<std::size_t>(log.level)]);
    spdlog::set_pattern(log.format == LogFormat::json
                            ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%v"})"
                            : "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
}

/// What the operating system tells the process, as steps of the node's life.
class Lifetime {
   public:
    Lifetime(Node& node, const Settings& settings) : node_(node), drain_timeout_(settings.drain.timeout_ms) {}

    void run() {
        wait_for_signal();
        loop_.run();
    }

   private:
    void wait_for_signal() {
        signals_.async_wait([this](net::ErrorCode error, int signal) {
            if (error) return;
            if (signal == SIGHUP) {
                spdlog::info("SIGHUP: reading certificates and keys again");
                node_.reload();
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
        node_.begin_drain();
        look();
    }

    void look() {
        if (node_.is_drained()) {
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

    Node& node_;
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
    spdlog::info("listening on {}:{}", host, node.port());
    if (!settings.server.dev) return;
    spdlog::warn("development mode: anyone on this machine can sign in as anyone");
    spdlog::info("open {}://{}:{}/ for the playground", scheme, host, node.port());
}

}  // namespace

ExitCode serve(const Settings& settings) {
    set_up_log(settings.log);
    std::signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error of one write
    auto secret = open_token_secret(settings);
    if (!secret) {
        spdlog::error("{}", secret.error().message);
        return ExitCode::failure;
    }
    Node node(settings, std::move(secret).value());
    const base::Status started = node.start();
    if (!started) {
        spdlog::error("{}", started.error().message);
        return ExitCode::failure;
    }
    announce(settings, node);
    Lifetime(node, settings).run();
    return ExitCode::ok;
}

}  // namespace pipit::app
