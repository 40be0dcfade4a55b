#include "net/worker.hpp"

#include "base/assert.hpp"
#include "net/http_connection.hpp"

namespace pipit::net {
namespace {
constexpr std::size_t kReadBufferBytes = 64 << 10;
constexpr std::size_t kWriteScratchBytes = 128 << 10;
constexpr base::Millis kTickInterval{50};
// A turn ends after that many handlers even if more is ready, so that nobody waits long for what was gathered
// for them.
constexpr int kHandlersPerTurn = 256;
}  // namespace

Worker::Worker(const WorkerSettings& settings,
               const std::function<std::unique_ptr<Service>(Worker&)>& make_service)
    : settings_(settings),
      read_buffer_(kReadBufferBytes),
      write_scratch_(kWriteScratchBytes),
      handshake_timeouts_(settings.handshake_timeout),
      close_timeouts_(settings.close_timeout) {
    PIPIT_ASSERT(!settings.endpoints.empty());
    for (const WebSocketEndpoint& endpoint : settings.endpoints) {
        WebSocketConnection::Settings of_endpoint;
        of_endpoint.reader.message_bytes_max = endpoint.message_bytes_max;
        of_endpoint.outbox_bytes_max = endpoint.outbox_bytes_max;
        plain_websockets_.push_back(of_endpoint);
        of_endpoint.reader.deflate = true;
        deflate_websockets_.push_back(of_endpoint);
    }
    service_ = make_service(*this);
}

Worker::~Worker() {
    stop();
}

void Worker::start() {
    schedule_tick();
    thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
    if (!thread_.joinable()) return;
    asio::post(context_, [this] { stopping_ = true; });
    thread_.join();
}

void Worker::run() {
    while (!stopping_) {
        context_.run_one();
        for (int handlers = 1; handlers < kHandlersPerTurn && !stopping_ && !service_->turn_is_full();
             ++handlers) {
            if (context_.poll_one() == 0) break;
        }
        end_turn();
    }
    // Closing a socket lets its operations come back, and with the last of them the connection is gone.
    tick_timer_.cancel();
    enter_turn();
    service_->stop();
    while (!connections_.empty()) {
        connections_.front().abort();
        connections_.pop_front();
    }
    end_turn();
    context_.poll();
}

void Worker::enter_turn() {
    if (in_turn_) return;
    in_turn_ = true;
    now_ = monotonic_now();
    service_->begin_turn();
}

void Worker::end_turn() {
    if (!in_turn_) return;
    do {
        service_->end_turn();
        arena_.end_turn();
        touched_.flush_all();
        for (const auto& connection : std::exchange(settling_, {}))
            connection->settle();
        service_->carry_out_effects();
    } while (!touched_.empty() || !settling_.empty());
    in_turn_ = false;
}

void Worker::schedule_tick() {
    tick_timer_.expires_after(kTickInterval);
    tick_timer_.async_wait([this](ErrorCode error) {
        if (error) return;
        enter_turn();
        tick();
        schedule_tick();
    });
}

void Worker::tick() {
    const auto expired = [](Connection& connection) { connection.on_timeout(); };
    handshake_timeouts_.run(now_, expired);
    close_timeouts_.run(now_, expired);
    service_->tick();
    if (draining_) drained_ = !service_->drain_some();
}

void Worker::adopt(Socket socket, const TlsContext& tls, AddressTicket ticket,
                   std::optional<HttpResponse> refusal) {
    // Not make_shared: its one allocation would stay until the timeout queue, too, has let go of the
    // connection, long after it has become a WebSocket.
    std::shared_ptr<HttpConnection>(
        new HttpConnection(*this, std::move(socket), tls, std::move(ticket), std::move(refusal)))
        ->start();
}

}  // namespace pipit::net
