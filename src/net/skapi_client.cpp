#include "net/skapi_client.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "base/assert.hpp"
#include "codec/pipit_v1.hpp"
#include "net/worker.hpp"

namespace pipit::net {

SkapiClient::SkapiClient(const Settings& settings, SkapiClients& clients, WebSocketConnection& connection,
                         std::string token, std::string host)
    : settings_(settings),
      clients_(clients),
      connection_(connection),
      token_(std::move(token)),
      host_(std::move(host)),
      session_outbox_(*this, connection.worker().touched()),
      conversation_(settings.conversation, *this) {}

SkapiClient::~SkapiClient() = default;

void SkapiClient::sign_in(RealtimeService& application, std::string_view native_token) {
    token_.clear();
    application_ = &application;
    session_ = &application.open_session(session_outbox_, false, std::nullopt, std::move(host_), *this);
    session_->can_resume = false;
    conversation_.start(native_token);
}

void SkapiClient::turn_away(codec::CloseReason reason, const std::string& detail) {
    close(reason, detail);
}

void SkapiClient::on_message(codec::Opcode opcode, std::string_view payload) {
    if (is_over_ || closing_) return;
    if (opcode != codec::Opcode::text) {
        on_fault(codec::CloseReason::unsupported_data);
    } else if (is_signed_in_) {
        conversation_.from_client(payload);
    } else {
        hold(payload);
    }
}

void SkapiClient::hold(std::string_view message) {
    // Otherwise many small ones would take far more memory than was sent.
    held_bytes_ += message.size() + sizeof(std::string);
    const bool is_known = session_ != nullptr;
    if (held_bytes_ > (is_known ? settings_.held_bytes_max : settings_.held_of_unknown_bytes_max)) {
        on_fault(codec::CloseReason::message_too_big);
    } else {
        held_.emplace_back(message);
    }
}

void SkapiClient::on_fault(codec::CloseReason reason) {
    if (session_ != nullptr) {
        hub().close(*session_, reason);
    } else {
        close(reason, {});
    }
}

void SkapiClient::on_sign_of_life() {
    if (session_ != nullptr) hub().heard(*session_);
}

void SkapiClient::on_pong() {
    if (is_signed_in_ && !is_over_) conversation_.ponged();
}

void SkapiClient::on_overflow() {
    on_fault(codec::CloseReason::slow_consumer);
}

void SkapiClient::on_close(std::optional<std::uint16_t> code) {
    is_over_ = true;
    if (session_ != nullptr) hub().closing(*session_, code);
}

void SkapiClient::on_end() {
    is_over_ = true;
    clients_.gone(*this);
    if (session_ != nullptr) application_->end_session(*session_);
    session_ = nullptr;
}

void SkapiClient::flush() {
    while (!session_outbox_.empty()) {
        const std::string_view some = session_outbox_.front(connection_.worker().write_scratch());
        received_ += some;
        session_outbox_.consume(some.size());
    }
    clients_.translate_later(*this);
}

void SkapiClient::translate() {
    // What is done here may have the session sent more, which comes in the next round of the turn.
    const std::string received = std::exchange(received_, {});
    std::string_view rest = received;
    while (!rest.empty() && !is_over_) {
        const codec::ParsedHeader parsed = codec::parse_frame_header(base::as_bytes(rest));
        PIPIT_ASSERT(parsed.outcome == codec::ParsedHeader::Outcome::complete);
        const std::string_view message =
            rest.substr(parsed.header_bytes, static_cast<std::size_t>(parsed.header.payload_bytes));
        rest.remove_prefix(parsed.header_bytes + message.size());
        codec::v1::for_each_object(message, [&](std::string_view object) {
            conversation_.from_server(object);
            return true;
        });
        if (!std::exchange(is_signed_in_, true)) release_held();
    }
    close_if_all_is_said();
}

void SkapiClient::release_held() {
    held_bytes_ = 0;
    for (const std::string& message : std::exchange(held_, {}))
        conversation_.from_client(message);
}

void SkapiClient::close(codec::CloseReason reason, const std::string& detail) {
    const codec::CloseInfo& info = codec::info(reason);
    spdlog::debug("a client of skapi{} closed: {}{}{}", session_ != nullptr ? ", signed in," : "", info.name,
                  detail.empty() ? "" : ": ", detail);
    if (!closing_) {
        closing_ =
            Closing{static_cast<std::uint16_t>(reason), detail.empty() ? std::string(info.text) : detail};
    }
    close_if_all_is_said();
}

void SkapiClient::close_if_all_is_said() {
    if (!closing_ || is_over_ || !received_.empty() || !session_outbox_.empty()) return;
    is_over_ = true;
    connection_.close(closing_->code, closing_->reason);
}

void SkapiClient::command(std::string_view json) {
    if (session_ != nullptr) hub().receive(*session_, json);
}

void SkapiClient::frame(std::string_view json) {
    if (!is_over_) connection_.worker().arena().push(connection_.outbox(), codec::Opcode::text, json);
}

void SkapiClient::ping() {
    if (!is_over_) connection_.worker().arena().push(connection_.outbox(), codec::Opcode::ping, {});
}

}  // namespace pipit::net
