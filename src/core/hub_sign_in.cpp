#include <algorithm>

#include "base/assert.hpp"
#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::CloseReason;
using codec::ErrorReason;
using State = Session::State;

namespace {
// Far enough that adding it to a moment cannot overflow, and further than any connection lives.
constexpr base::UnixSeconds kTokenSecondsMax = 10LL * 365 * 24 * 3600;
}  // namespace

void Hub::begin_sign_in(Session& session, std::uint64_t id, v1::Connect&& connect) {
    Session::SignIn& sign_in = *session.sign_in;
    sign_in.command_id = id;
    if (connect.token) sign_in.token = std::move(connect.token);
    sign_in.resumes = Cid::parse(connect.session);
    sign_in.since = std::move(connect.since);
    session.state = State::checking_token;
    check_token(session, UnknownKey::wait);
}

void Hub::check_token(Session& session, UnknownKey unknown_key) {
    Session::SignIn& sign_in = *session.sign_in;
    if (!sign_in.token) {
        refuse_sign_in(session, ErrorReason::token_refused, CloseReason::token_refused,
                       "\"token\" is missing: it belongs into \"connect\" or into the handshake.");
        return;
    }
    const auto identity = verifier_.verify(*sign_in.token, time_.unix_now);
    if (identity) {
        accept_token(session, *identity);
        session.user = std::make_shared<const std::string>(identity->user_id);
        if (sign_in.resumes) {
            session.state = State::resuming;
            send(home_of(*sign_in.resumes), Resume{session.address, *sign_in.resumes, session.user});
        } else {
            attach(session);
        }
        return;
    }
    using Reason = auth::TokenError::Reason;
    const auto& error = identity.error();
    if (error.reason == Reason::unknown_key && unknown_key == UnknownKey::wait) {
        wait_for_keys(session);
    } else if (error.reason == Reason::unknown_key && unknown_key == UnknownKey::unavailable) {
        refuse_sign_in(session, ErrorReason::unavailable, CloseReason::unavailable);
    } else if (error.reason == Reason::expired) {
        refuse_sign_in(session, ErrorReason::token_expired, CloseReason::token_expired);
    } else {
        refuse_sign_in(session, ErrorReason::token_refused, CloseReason::token_refused, error.message());
    }
}

void Hub::keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched) {
    verifier_ = auth::TokenVerifier(std::move(keys), settings_.token_rules);
    // The keys may have come although others could not be fetched, so every token is looked at again.
    const UnknownKey unknown_key = fetched ? UnknownKey::refused : UnknownKey::unavailable;
    for (Question& question : std::exchange(questions_waiting_for_keys_, {}))
        ask(std::move(question), unknown_key);
    for (const SessionAddress address : std::exchange(waiting_for_keys_, {})) {
        // It may have been closed by what another one of them did, but none is lost meanwhile.
        Session& session = *sessions_.find(address);
        if (session.state == State::checking_token) {
            check_token(session, unknown_key);
        } else if (session.refresh) {
            const std::unique_ptr<Session::Refresh> refresh = std::move(session.refresh);
            refresh_token(session, std::move(*refresh), unknown_key);
        }
    }
}

void Hub::wait_for_keys(const Session& session) {
    waiting_for_keys_.insert(session.address);
    effects_.keys_wanted = true;
}

void Hub::refresh_token(Session& session, Session::Refresh&& refresh, UnknownKey unknown_key) {
    using Reason = auth::TokenError::Reason;
    const auto identity = verifier_.verify(refresh.token, time_.unix_now);
    const std::uint64_t id = refresh.command_id;
    if (identity && identity->user_id == *session.user) {
        accept_token(session, *identity);
        v1::append_refreshed(fresh_json(), id, token_expires_in_ms(session));
        send_json(session, json_);
    } else if (identity) {
        reply_error(session, id, ErrorReason::other_user);
    } else if (identity.error().reason == Reason::unknown_key && unknown_key == UnknownKey::wait) {
        session.refresh = std::make_unique<Session::Refresh>(std::move(refresh));
        wait_for_keys(session);
    } else if (identity.error().reason == Reason::unknown_key && unknown_key == UnknownKey::unavailable) {
        reply_error(session, id, ErrorReason::unavailable);
    } else {
        const bool expired = identity.error().reason == Reason::expired;
        reply_error(session, id, expired ? ErrorReason::token_expired : ErrorReason::token_refused,
                    identity.error().message());
    }
}

void Hub::on_message(Attached&& message) {
    Session* session = sessions_.find(message.to);
    if (session == nullptr || session->state != State::attaching) return;
    if (!message.accepted) {
        refuse_sign_in(*session, ErrorReason::too_many_connections, CloseReason::too_many_connections);
        return;
    }
    const std::unique_ptr<Session::SignIn> sign_in = std::move(session->sign_in);
    session->state = State::ready;
    if (!session->resumed) cid_home_.place(session->caller());

    const std::string cid = session->cid.text();
    v1::append_welcome(fresh_json(), sign_in->command_id,
                       {.user = *session->user,
                        .cid = cid,
                        .resumed = session->resumed,
                        .server = settings_.server_name,
                        .token_expires_in_ms = token_expires_in_ms(*session),
                        .ping_interval_ms = static_cast<std::uint64_t>(settings_.ping_interval.count()),
                        .pong_timeout_ms = static_cast<std::uint64_t>(settings_.pong_timeout.count()),
                        .message_bytes = settings_.message_bytes_max,
                        .commands_per_second = settings_.rate.per_second,
                        .commands_burst = settings_.rate.burst,
                        .group_name_bytes = settings_.decode.group_name_bytes_max,
                        .user_id_bytes = settings_.decode.user_id_bytes_max,
                        .key_window_ms = static_cast<std::uint64_t>(settings_.history.key_window.count()),
                        .stream = {message.stream.epoch, message.stream.offset, message.stream.recovery}});
    send_json(*session, json_);
    deliver_missed(*session, message.stream);

    // Somewhere in the second half of the interval, so that clients that came together are not pinged
    // together.
    const auto half_ms = static_cast<std::uint64_t>(settings_.ping_interval.count()) / 2;
    session->ping_at = time_.now + base::Millis(half_ms + random_.below(half_ms + 1));
    for (const EncodedEventPtr& event : sign_in->events)
        deliver(*session, *event);

    if (!sign_in->held.empty()) {
        std::string_view held = sign_in->held;
        held.remove_suffix(1);
        v1::for_each_object(held, [&](std::string_view text) {
            receive_object(*session, text);
            return session->state != State::closed;
        });
    }
    // After what it has said already: it may have joined its group again.
    look_at(*session);
}

void Hub::hold(Session& session, std::string_view text) {
    // One text, newlines counted: a list of many small ones would take far more memory than was sent.
    std::string& held = session.sign_in->held;
    if (held.size() + text.size() >= settings_.message_bytes_max) {
        close(session, CloseReason::message_too_big, "too much was sent before the sign-in was answered");
        return;
    }
    held.append(text).append(1, '\n');
}

void Hub::refuse_sign_in(Session& session, ErrorReason reason, CloseReason close_reason,
                         std::string message) {
    reply_error(session, session.sign_in->command_id, reason, message);
    close(session, close_reason, std::move(message));
}

void Hub::accept_token(Session& session, const auth::Identity& identity) {
    // Negative when only the leeway still lets the token pass.
    const auto seconds = std::min<base::UnixSeconds>(identity.expires_at - time_.unix_now, kTokenSecondsMax);
    session.token_expires_at = time_.now + std::chrono::seconds(seconds);
    session.token_event_sent = false;
    const bool sees_otherwise = session.admin != identity.admin || session.allowed_groups != identity.groups;
    session.admin = identity.admin;
    session.allowed_groups = identity.groups;
    if (session.state != State::ready) return;
    if (sees_otherwise) end_watches(session);
    look_at(session);
}

base::Instant Hub::token_ends_at(const Session& session) const {
    return session.token_expires_at + std::chrono::seconds(settings_.token_rules.claims.leeway_s);
}

std::uint64_t Hub::token_expires_in_ms(const Session& session) const {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, (session.token_expires_at - time_.now).count()));
}

}  // namespace pipit::core
