#include "skapi/conversation.hpp"

#include <variant>

#include "base/overloaded.hpp"
#include "skapi/calls.hpp"
#include "skapi/port_writer.hpp"

namespace pipit::skapi {

namespace v1 = codec::v1;
namespace wire = codec::skapi;

namespace {

constexpr std::uint64_t kConnectId = 1;

}  // namespace

Conversation::Conversation(const Settings& settings, Port& port)
    : json_depth_max_(settings.json_depth_max),
      writer_(std::make_unique<PortWriter>(port)),
      calls_(std::make_unique<Calls>(settings.calls_max, *writer_)) {}

Conversation::~Conversation() = default;

// From the client

void Conversation::start(std::string_view native_token) {
    writer_->command(v1::append_connect, native_token);
}

void Conversation::from_client(std::string_view text) {
    std::visit(
        base::Overloaded{[](const wire::KeepAlive&) {},
                         [&](const wire::BadMessage& bad) { writer_->frame(wire::append_error, bad.why); },
                         [&](const wire::Rtc& rtc) { calls_->from_client(rtc); },
                         [&](const auto& message) { take(message); }},
        wire::decode(text, json_depth_max_));
}

void Conversation::take(const wire::JoinRoom& join) {
    if (join.group.empty()) {
        writer_->command(v1::append_leave);
    } else {
        writer_->command(v1::append_join, join.group);
    }
}

void Conversation::take(const wire::Send& send) {
    const auto to = send.to == wire::Send::To::user ? v1::PostTo::user : v1::PostTo::group;
    writer_->command(v1::append_post, to, send.recipient, send.content, send.notification);
}

void Conversation::ponged() {
    writer_->heartbeat();
}

// From the session

void Conversation::from_server(std::string_view object) {
    if (object == "{}") return writer_->ping();
    const v1::Received received = v1::read_received(object);
    if (received.id) {
        on_reply(received);
    } else {
        on_event(received);
    }
}

void Conversation::on_reply(const v1::Received& reply) {
    if (calls_->on_reply(reply)) return;
    if (!reply.error.empty()) {
        writer_->refusal(reply);
    } else if (reply.id == kConnectId) {
        const v1::ReceivedContent welcome = v1::read_content(reply.ok);
        own_user_ = welcome.user;
        own_cid_ = welcome.cid;
    }
}

void Conversation::on_event(const v1::Received& event) {
    const wire::Sender sender{event.user, event.cid};
    if (event.event == "message") {
        writer_->frame(wire::append_message, event.data, sender, event.group);
    } else if (event.event == "private") {
        writer_->frame(wire::append_private, event.data, sender);
    } else if (event.event == "notice") {
        // The examples of the client list whoever joins, and themselves besides.
        if (event.cid != own_cid_)
            writer_->frame(wire::append_notice, event.message, event.code, sender, event.group);
    } else if (event.event == "ring") {
        calls_->on_ring(event, own_user_);
    } else if (event.event == "accepted") {
        calls_->on_accepted(event);
    } else if (event.event == "signal") {
        calls_->on_signal(event);
    } else if (event.event == "ended") {
        calls_->on_ended(event);
    }
    // Others are of tokens, draining, lists, and of peers that come and go: nothing that this client knows.
}

}  // namespace pipit::skapi
