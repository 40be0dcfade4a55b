#include "core/hub.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace pipit::core {
namespace {
// Enough for a send to be cheap a byte, little enough to stay in the cache and not to keep the first receiver
// waiting.
constexpr std::size_t kTurnBytesMax = 256 << 10;
}  // namespace

Hub::Hub(const HubSettings& settings, WorkerIndex self, WorkerIndex worker_count, base::Random& random,
         FrameArena& arena, std::shared_ptr<const auth::KeyRing> keys)
    : settings_(settings),
      self_(self),
      worker_count_(worker_count),
      random_(random),
      arena_(arena),
      verifier_(std::move(keys), settings.token_rules),
      encoder_(settings.encoder),
      sessions_(self),
      streams_({.bytes_max = settings.history.bytes_max / worker_count,
                .age_max = settings.history.age_max,
                .key_window = settings.history.key_window,
                .grace = settings.grace}),
      post_answers_(*this, self),
      group_home_(*this, encoder_, random, streams_, post_answers_, *this, self, worker_count,
                  {.finds_by_user = settings.list_access == ListAccess::members,
                   .users_per_notification_max = settings.users_per_notification_max,
                   .history = settings.history.of_group,
                   .is_durable = settings.history.is_durable,
                   .page_bytes_max = settings.page_bytes_max}),
      user_home_(*this, encoder_, random, streams_, post_answers_,
                 {.connections_per_user_max = settings.connections_per_user_max,
                  .history = settings.history.of_user}),
      cid_home_(*this, encoder_, post_answers_, settings.history.key_window),
      group_search_(*this, group_home_, self, worker_count),
      lists_(*this, group_search_, group_home_,
             ListCursors(auth::Seal(*auth::Secret::from_bytes(settings.cursor_key))),
             settings.page_bytes_max),
      watch_home_(*this, encoder_, random, group_search_, group_home_, self, worker_count,
                  {(settings.watches_max + worker_count - 1) / worker_count, settings.watch_interval}),
      call_tickets_(auth::Seal(*auth::Secret::from_bytes(settings.cursor_key))),
      call_home_(*this, encoder_, call_tickets_, {settings.ring_timeout, settings.message_bytes_max}),
      away_(settings.grace, settings.connections_per_user_max) {
    effects_.outgoing.resize(worker_count);
    effects_.outgoing_last.resize(worker_count);
    group_home_.on_members_changed([this](std::string_view group) { watch_home_.on_members_changed(group); });
}

bool Hub::turn_is_full() const {
    return local_groups_.turn_bytes() + arena_.turn_bytes() >= kTurnBytesMax;
}

Session& Hub::open(Outbox& outbox, bool deflate, std::optional<std::string> handshake_token, HostName host) {
    Session& session = sessions_.add([&](SessionAddress address) {
        return std::make_unique<Session>(address, outbox, deflate, settings_.rate, time_.now);
    });
    session.sign_in->token = std::move(handshake_token);
    session.host = std::move(host);
    look_not_after(session, time_.now + settings_.sign_in_timeout);
    return session;
}

void Hub::receive(Session& session, std::string_view message) {
    session.received_at = time_.now;
    codec::v1::for_each_object(message, [&](std::string_view text) {
        receive_object(session, text);
        return session.state != Session::State::closed;
    });
}

void Hub::receive_object(Session& session, std::string_view text) {
    if (session.state == Session::State::closed) return;
    using State = Session::State;
    if (session.state == State::checking_token || session.state == State::resuming ||
        session.state == State::attaching) {
        hold(session, text);
        return;
    }
    auto decoded = codec::v1::decode(text, settings_.decode);
    if (auto* undecodable = std::get_if<codec::v1::Undecodable>(&decoded)) {
        close(session, codec::CloseReason::bad_message, std::move(undecodable->why));
    } else if (auto* command = std::get_if<codec::v1::Command>(&decoded)) {
        carry_out(session, std::move(*command));
    } else {
        on_heartbeat(session);
    }
}

void Hub::close(Session& session, codec::CloseReason reason, std::string detail) {
    if (session.state == Session::State::closed) return;
    const bool may_come_back = codec::info(reason).retry;
    leave_everything(session, !may_come_back                               ? Departure::for_good
                              : reason == codec::CloseReason::ping_timeout ? Departure::silent
                                                                           : Departure::broken);
    effects_.closing.push_back({session.address, reason, std::move(detail)});
}

void Hub::closing(Session& session, std::optional<std::uint16_t> code) {
    // Codes that are not in the catalogue are the client's own; who gives one of those has not said goodbye.
    const codec::CloseInfo* known = code ? codec::find_close(*code) : nullptr;
    leave_everything(session,
                     code && (known == nullptr || known->retry) ? Departure::broken : Departure::for_good);
}

void Hub::lost(Session& session) {
    leave_everything(session, Departure::broken);
    sessions_.remove(session.address);
}

void Hub::leave_everything(Session& session, Departure departure) {
    if (auto kept = release(session, departure))
        keep_or_end(std::move(*kept), session.address, departure == Departure::broken && session.can_resume);
}

std::optional<KeptSession> Hub::release(Session& session, Departure departure) {
    using State = Session::State;
    const State before = std::exchange(session.state, State::closed);
    session.sign_in.reset();
    session.refresh.reset();
    waiting_for_keys_.erase(session.address);
    if (before == State::ready || before == State::attaching)
        send(home_of(*session.user), DetachFromUser{session.caller()});
    const bool has_place = before == State::ready || (before != State::closed && session.resumed);
    if (!has_place) return std::nullopt;
    stop_watches(session);
    // What the two say to each other does not pass through here and may go on, but not after a goodbye.
    leave_calls(session, departure == Departure::for_good ? LeaveCall::Why::closed : LeaveCall::Why::lost);
    local_groups_.remove(session.membership);
    KeptSession kept{session.cid, session.user, std::exchange(session.group, {})};
    if (session.rejoin) kept.group = std::move(session.rejoin->group);
    session.rejoin.reset();
    return kept;
}

void Hub::handle(ShardMessage&& message) {
    std::visit([this](auto&& what) { on_message(std::move(what)); }, std::move(message));
}

void Hub::on_message(Joined&& message) {
    Session* session = sessions_.find(message.to);
    if (session == nullptr || session->state != Session::State::ready) return;
    // It may have left or gone on to another group since; then this answer comes too late to let anything in.
    const bool is_current = message.attempt == session->attempt;
    // What a member that joins again has got so far must stand before the answer, and what comes later behind
    // it.
    if (is_current) {
        local_groups_.remove(session->membership);
        --session->joins_unanswered;
    }
    if (message.refused) {
        // Another join of the same group may be under way: then its answer tells.
        const bool is_out = is_current && session->joins_unanswered == 0;
        if (!is_out) return reply_error(*session, message.command_id, *message.refused);
        session->group.clear();
        codec::v1::append_join_refused(fresh_json(), message.command_id, *message.refused);
        return send_json(*session, json_);
    }
    StreamNews& stream = message.stream;
    auto* replayed = std::get_if<codec::v1::Replayed>(&stream.recovery);
    // What has come too late is not replayed, for the session is not to hear of that group any more; and one
    // that has not read what it got before is not to be cut off for what it has missed.
    const bool waits = !is_current || session->outbox.bytes() > settings_.page_bytes_max;
    if (!stream.missed.empty() && waits) {
        if (replayed != nullptr) {
            *replayed = {.count = 0, .more = true};
        } else {
            stream.offset += stream.missed.size();  // all of its epoch follows, or nothing
        }
        stream.missed.clear();
    }
    codec::v1::append_joined(fresh_json(), message.command_id, message.group,
                             {stream.epoch, stream.offset, stream.recovery});
    send_json(*session, json_);
    if (!is_current) return;
    deliver_missed(*session, stream);
    const bool has_all = replayed == nullptr || !replayed->more;
    if (has_all) local_groups_.add(message.group, session->outbox, session->deflate, session->membership);
}

void Hub::on_message(StreamBroken&& message) {
    // It happens when a disk is damaged: too seldom to keep a list of who is in which group.
    std::vector<Session*> members;
    sessions_.for_each([&](Session& session) {
        if (session.group == *message.group) members.push_back(&session);
    });
    for (Session* session : members)
        close(*session, codec::CloseReason::unavailable);
}

void Hub::deliver_missed(Session& session, const StreamNews& news) {
    for (const EncodedEventPtr& event : news.missed)
        deliver(session, *event);
}

void Hub::on_message(Reply&& message) {
    Session* session = sessions_.find(message.to);
    if (session != nullptr && session->state == Session::State::ready) send_json(*session, message.json);
}

void Hub::on_message(DeliverToSession&& message) {
    Session* session = sessions_.find(message.to);
    if (session == nullptr) return;
    if (session->state == Session::State::ready) {
        deliver(*session, *message.event);
    } else if (session->sign_in) {
        // One that goes on is known to others before it is welcome.
        session->sign_in->events.push_back(std::move(message.event));
    }
}

void Hub::deliver(Session& session, const EncodedEvent& event) {
    arena_.push_frame(session.outbox,
                      session.deflate && !event.deflated.empty() ? event.deflated : event.plain);
}

void Hub::send(WorkerIndex to, ShardMessage message) {
    if (to == self_) {
        handle(std::move(message));
    } else {
        effects_.outgoing[to].push_back(std::move(message));
    }
}

void Hub::send_last(WorkerIndex to, ShardMessage message) {
    if (to == self_) {
        handle(std::move(message));
    } else {
        effects_.outgoing_last[to].push_back(std::move(message));
    }
}

WorkerIndex Hub::home_of(std::string_view name) const {
    return static_cast<WorkerIndex>(home_hash(name) % worker_count_);
}

WorkerIndex Hub::home_of(const Cid& cid) const {
    return static_cast<WorkerIndex>(std::hash<Cid>{}(cid) % worker_count_);
}

void Hub::begin_drain() {
    draining_ = true;
    group_home_.silence_notices();
}

std::size_t Hub::drain(std::size_t count) {
    std::vector<Session*> leaving;
    sessions_.for_each([&](Session& session) {
        if (leaving.size() < count && session.state != Session::State::closed) leaving.push_back(&session);
    });
    for (Session* session : leaving) {
        const auto spread_ms = static_cast<std::uint64_t>(settings_.drain_spread.count());
        codec::v1::append_drain_event(fresh_json(), random_.below(spread_ms + 1));
        send_json(*session, json_);
        close(*session, codec::CloseReason::draining);
    }
    return leaving.size();
}

void Hub::send_json(Session& session, std::string_view json) {
    arena_.push(session.outbox, codec::Opcode::text, json);
}

void Hub::reply_error(Session& session, std::uint64_t id, codec::ErrorReason reason,
                      std::string_view message) {
    codec::v1::append_error(fresh_json(), id, reason, message);
    send_json(session, json_);
}

std::string& Hub::fresh_json() {
    json_.clear();
    return json_;
}

}  // namespace pipit::core
