#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "codec/pipit_v1_client.hpp"
#include "codec/skapi_message.hpp"

namespace pipit::skapi {

class Calls;
class PortWriter;

/// Between one skapi-js client and one session of the hub: what the client sends becomes commands of
/// pipit.v1, and what the session is sent becomes the client's frames. Neither side knows of the other's
/// language.
///
/// Calls of the two languages are mapped onto each other, so that clients of both kinds can call one another:
/// offers, answers and candidates of the client between two connections become a `call`, its `accept` and
/// `signal`s (PROTOCOL.md 2.9, 2.11), and the other way round.
///
/// Pure and owned by one worker.
class Conversation {
 public:
    /// What a conversation does to both sides. All of it comes during calls of the functions below, which
    /// must not be called from here.
    class Port {
     public:
        virtual ~Port() = default;
        /// One object of pipit.v1 without a newline, for the session. The view ends with the call.
        virtual void command(std::string_view json) = 0;
        /// One text frame for the client: JSON without a bare `%`, which the client cannot decode.
        virtual void frame(std::string_view json) = 0;
        /// A WebSocket ping for the client, behind the frames so far.
        virtual void ping() = 0;
    };

    struct Settings {
        unsigned json_depth_max = 64;  ///< that of the hub
        std::size_t calls_max = 16;    ///< as many calls, and as many rings, as the hub allows a connection
    };

    /// `port` must outlive it.
    Conversation(const Settings& settings, Port& port);
    ~Conversation();
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    /// Signs the session in. To be called once, and first.
    void start(std::string_view native_token);
    /// A text message of the client, which is valid UTF-8. What it means nothing by is answered with an
    /// `#error` and does nothing.
    void from_client(std::string_view text);
    /// One object that the session was sent; valid pipit.v1.
    void from_server(std::string_view object);
    /// The client has answered a ping.
    void ponged();

 private:
    void take(const codec::skapi::JoinRoom& join);
    void take(const codec::skapi::Send& send);
    void on_reply(const codec::v1::Received& reply);
    void on_event(const codec::v1::Received& event);

    const unsigned json_depth_max_;
    std::unique_ptr<PortWriter> writer_;
    std::unique_ptr<Calls> calls_;
    std::string own_user_, own_cid_;  // JSON
};

}  // namespace pipit::skapi
