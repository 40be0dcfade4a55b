#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/ws_message.hpp"
#include "core/outbox.hpp"
#include "net/address_ticket.hpp"
#include "net/connection.hpp"
#include "net/transport.hpp"

namespace pipit::net {

class Worker;

/// What a WebSocket connection agreed on in its opening handshake.
struct WebSocketOpening {
    std::size_t endpoint = 0;  ///< its index in WorkerSettings::endpoints
    bool deflate = false;
    int deflate_window_bits = 15;
    std::optional<std::string> token;
    std::string host;  ///< see reached_host
};

/// What is made of the messages of one connection. All calls come on the worker's thread.
class WebSocketHandler {
 public:
    virtual ~WebSocketHandler() = default;
    /// `payload` is valid during the call.
    virtual void on_message(codec::Opcode opcode, std::string_view payload) = 0;
    /// Bytes came, whatever they are; what they say follows.
    virtual void on_sign_of_life() = 0;
    /// The answer to a ping, or one that nobody has asked for (RFC 6455 section 5.5.3).
    virtual void on_pong() = 0;
    /// More waits to be sent than outbox_bytes_max: the handler should close.
    virtual void on_overflow() = 0;
    /// Nothing of the client comes any more: it has begun to close, with that code if it gave one, or what it
    /// sends is no WebSocket, and the connection closes with that code.
    virtual void on_close(std::optional<std::uint16_t> code) = 0;
    /// The connection is over. Called once, and last.
    virtual void on_end() = 0;
};

class WebSocketConnection;

/// Called once, by the connection when it begins.
using WebSocketHandlerMaker = std::function<std::unique_ptr<WebSocketHandler>(WebSocketConnection&)>;

/// One WebSocket connection after its handshake (RFC 6455). What is put into its outbox is written at the end
/// of the loop turn. Owned by one worker.
class WebSocketConnection final : public Connection, public core::OutboxOwner {
 public:
    struct Settings {
        codec::ReaderSettings reader;
        std::size_t outbox_bytes_max = 1 << 20;
    };

    /// `settings` must outlive the connection.
    WebSocketConnection(Worker& worker, Transport transport, AddressTicket ticket, const Settings& settings);
    ~WebSocketConnection() override;

    /// Answers the handshake and begins to read; `early_bytes` came behind the request.
    void start(std::string_view response, const WebSocketHandlerMaker& make_handler, std::string early_bytes);
    /// Begins the closing handshake; what waits is sent first. Later calls change nothing.
    void close(std::uint16_t code, std::string_view reason);

    core::Outbox& outbox() { return outbox_; }
    Worker& worker() { return worker_; }

    void flush() override;
    void abort() override;
    void on_timeout() override;
    /// Does what must not be done while outboxes are flushed.
    void settle();

 private:
    enum class State : std::uint8_t { open, closing, ended };

    std::shared_ptr<WebSocketConnection> self();
    void wait_to_read(Transport::Status want);
    void wait_to_write(Transport::Status want);
    void on_readable();
    void take(std::span<std::uint8_t> bytes);
    void answer_close(const codec::Step& close);
    void write();
    void end();

    Worker& worker_;
    const Settings& settings_;
    Transport transport_;
    codec::MessageReader reader_;
    core::Outbox outbox_;
    std::unique_ptr<WebSocketHandler> handler_;
    AddressTicket ticket_;
    State state_ = State::open;
    bool write_blocked_ = false;
    bool peer_closed_ = false;
    bool broken_ = false;
};

}  // namespace pipit::net
