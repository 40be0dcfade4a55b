#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "codec/ws_deflate.hpp"
#include "core/frame_arena.hpp"
#include "core/outbox.hpp"
#include "net/address_ticket.hpp"
#include "net/boost_asio.hpp"
#include "net/connection.hpp"
#include "net/http.hpp"
#include "net/os.hpp"
#include "net/refused_origin_log.hpp"
#include "net/service.hpp"
#include "net/timeout_queue.hpp"
#include "net/tls_context.hpp"
#include "net/upgrade.hpp"

namespace pipit::net {

/// A place where WebSockets are opened.
struct WebSocketEndpoint {
    UpgradeRules upgrade;
    std::uint32_t message_bytes_max = 64 << 10;
    std::size_t outbox_bytes_max = 1 << 20;
};

struct WorkerSettings {
    std::vector<WebSocketEndpoint> endpoints;  ///< at least one; all let in the same pages
    std::shared_ptr<RefusedOriginLog> refused_origins = std::make_shared<RefusedOriginLog>();
    HttpHandler http;
    std::size_t http_body_bytes_max = 64 << 10;
    std::size_t http_header_bytes_max = 16 << 10;
    base::Millis handshake_timeout{10'000};
    base::Millis close_timeout{5'000};  ///< for the peer's half of a closing handshake
};

/// One thread with its loop and its connections. Only post(), is_drained() and stop() may be called from
/// another thread.
///
/// A loop turn takes what is ready, then flushes every outbox that was touched, once.
class Worker {
 public:
    /// `settings` must outlive the worker. `make_service` is called once, here.
    Worker(const WorkerSettings& settings,
           const std::function<std::unique_ptr<Service>(Worker&)>& make_service);
    ~Worker();

    void start();
    /// Ends the loop and every connection, and waits for the thread.
    void stop();

    /// Runs `task` in a turn of this worker. Any thread. Tasks of one thread run in their order.
    template <class Task>
    void post(Task&& task) {
        asio::post(context_, [this, task = std::forward<Task>(task)]() mutable {
            if (stopping_) return;
            enter_turn();
            task();
        });
    }

    /// Takes over an accepted socket.
    void adopt(Socket socket, const TlsContext& tls, AddressTicket ticket,
               std::optional<HttpResponse> refusal);
    /// Refuses new WebSockets and sends those that are here away, some with every tick.
    void begin_drain() { draining_ = true; }
    bool draining() const { return draining_; }
    /// All of them have gone. Any thread.
    bool is_drained() const { return drained_; }

    asio::io_context& context() { return context_; }
    const WorkerSettings& settings() const { return settings_; }
    Service& service() { return *service_; }

    // For the connections of this worker.
    /// Every piece of work begins with it: the first one of a turn reads the clock.
    void enter_turn();
    base::Instant now() const { return now_; }
    std::span<std::uint8_t> read_buffer() { return read_buffer_; }
    std::span<char> write_scratch() { return write_scratch_; }
    codec::Inflater& inflater() { return inflater_; }
    core::FrameArena& arena() { return arena_; }
    core::TouchedOutboxes& touched() { return touched_; }
    ConnectionList& connections() { return connections_; }
    TimeoutQueue<Connection>& handshake_timeouts() { return handshake_timeouts_; }
    TimeoutQueue<Connection>& close_timeouts() { return close_timeouts_; }
    /// `endpoint`: its index among those of the settings.
    const WebSocketConnection::Settings& websocket_settings(std::size_t endpoint, bool deflate) const {
        return deflate ? deflate_websockets_[endpoint] : plain_websockets_[endpoint];
    }
    void settle_later(std::shared_ptr<WebSocketConnection> connection) {
        settling_.push_back(std::move(connection));
    }

 private:
    void run();
    void end_turn();
    void schedule_tick();
    void tick();

    const WorkerSettings& settings_;
    std::vector<WebSocketConnection::Settings> plain_websockets_;    // by endpoint
    std::vector<WebSocketConnection::Settings> deflate_websockets_;  // likewise
    std::vector<std::uint8_t> read_buffer_;
    std::vector<char> write_scratch_;
    codec::Inflater inflater_;
    core::FrameArena arena_;
    core::TouchedOutboxes touched_;
    ConnectionList connections_;
    TimeoutQueue<Connection> handshake_timeouts_;
    TimeoutQueue<Connection> close_timeouts_;
    std::unique_ptr<Service> service_;
    std::vector<std::shared_ptr<WebSocketConnection>> settling_;
    base::Instant now_{};
    bool in_turn_ = false;
    bool draining_ = false;
    std::atomic<bool> drained_ = false;
    bool stopping_ = false;
    asio::io_context context_{1};
    Timer tick_timer_{context_.get_executor()};
    std::thread thread_;
};

}  // namespace pipit::net
