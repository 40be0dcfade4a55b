#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "codec/pipit_v1_client.hpp"
#include "codec/skapi_message.hpp"
#include "skapi/conversation.hpp"

namespace pipit::skapi {

/// Writes what a conversation says, and gives each command the next number.
class PortWriter {
 public:
    explicit PortWriter(Conversation::Port& port) : port_(port) {}

    /// `append` is one of the functions of codec/pipit_v1_client.hpp. Returns the number of the command.
    template <class Append, class... Members>
    std::uint64_t command(Append&& append, Members&&... members) {
        std::string json;
        append(json, ++last_id_, std::forward<Members>(members)...);
        port_.command(json);
        return last_id_;
    }
    /// `append` is one of the functions of codec/skapi_message.hpp.
    template <class Append, class... Members>
    void frame(Append&& append, Members&&... members) {
        std::string json;
        append(json, std::forward<Members>(members)...);
        port_.frame(json);
    }
    /// The client's frame for a reply that is an error.
    void refusal(const codec::v1::Received& reply) {
        const codec::v1::ReceivedContent content = codec::v1::read_content(reply.error);
        frame(codec::skapi::append_refusal, content.code, content.message);
    }
    void ping() { port_.ping(); }
    void heartbeat() { port_.command("{}"); }

 private:
    Conversation::Port& port_;
    std::uint64_t last_id_ = 0;
};

}  // namespace pipit::skapi
