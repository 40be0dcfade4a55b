#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/outbox.hpp"
#include "net/realtime_service.hpp"
#include "net/websocket_connection.hpp"
#include "skapi/conversation.hpp"

namespace pipit::net {

class SkapiClient;

/// Who looks after the public clients of one worker.
class SkapiClients {
 public:
    /// The client has something to translate when this turn's outboxes are flushed.
    virtual void translate_later(SkapiClient& client) = 0;
    virtual void gone(SkapiClient& client) = 0;

 protected:
    ~SkapiClients() = default;
};

/// One connection of the public client: between its WebSocket and a session of a hub, which sees nothing but
/// pipit.v1. What the session is sent gathers in an outbox of its own. That one must not be translated while
/// outboxes are flushed, since what it says may touch others: flush() only takes it out, and translate() does
/// the rest when the turn's effects are carried out.
class SkapiClient final : public WebSocketHandler,
                          private core::OutboxOwner,
                          private RealtimeService::Client,
                          private skapi::Conversation::Port {
 public:
    struct Settings {
        skapi::Conversation::Settings conversation;
        /// Of what the client says before it is signed in, and before anybody knows who it is.
        std::size_t held_bytes_max = 0;
        std::size_t held_of_unknown_bytes_max = 0;
    };

    /// `settings` and `clients` must outlive it. `token` is kept for whoever has to look at it again, and
    /// `host` as in WebSocketOpening.
    SkapiClient(const Settings& settings, SkapiClients& clients, WebSocketConnection& connection,
                std::string token, std::string host);
    ~SkapiClient();

    const std::string& token() const { return token_; }
    /// Makes it a client of that application, whose tokens are as `native_token`.
    void sign_in(RealtimeService& application, std::string_view native_token);
    /// It cannot be made one of any.
    void turn_away(codec::CloseReason reason, const std::string& detail);
    void translate();

    void on_message(codec::Opcode opcode, std::string_view payload) override;
    void on_sign_of_life() override;
    void on_pong() override;
    void on_overflow() override;
    void on_close(std::optional<std::uint16_t> code) override;
    void on_end() override;

 private:
    struct Closing {
        std::uint16_t code;
        std::string reason;
    };

    void flush() override;
    void close(codec::CloseReason reason, const std::string& detail) override;
    void command(std::string_view json) override;
    void frame(std::string_view json) override;
    void ping() override;

    core::Hub& hub() { return application_->hub(); }
    void on_fault(codec::CloseReason reason);
    void hold(std::string_view message);
    void release_held();
    void close_if_all_is_said();

    const Settings& settings_;
    SkapiClients& clients_;
    WebSocketConnection& connection_;
    std::string token_;
    std::string host_;
    RealtimeService* application_ = nullptr;  // null: not known yet
    core::Session* session_ = nullptr;        // of that application
    core::Outbox session_outbox_;
    skapi::Conversation conversation_;
    std::string received_;           // of the session: whole frames
    std::vector<std::string> held_;  // of the client: its messages until it is signed in
    std::size_t held_bytes_ = 0;
    bool is_signed_in_ = false;       // or is being told why not: something of the session has come
    bool is_over_ = false;            // nothing more may be sent to the client
    std::optional<Closing> closing_;  // when all that came before it is sent
};

}  // namespace pipit::net
