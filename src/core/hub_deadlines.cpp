#include <algorithm>

#include "core/hub.hpp"

namespace pipit::core {
namespace {
// Before a token runs out, its client is asked for a new one.
constexpr base::Millis kTokenEventLead{30'000};
}  // namespace

void Hub::tick() {
    deadlines_.run(time_.now, [this](std::uint32_t slot, std::uint32_t generation, base::Instant when) {
        Session* session = sessions_.find(slot, generation);
        if (session == nullptr || session->look_at != when) return;
        session->look_at = base::Instant::max();
        look_at(*session);
    });
    away_.run(time_.now, [this](AwaySessions::Away&& away) { end_kept(away.session, away.address); });
    streams_.tick(time_.now);
    group_search_.tick(time_.now);
    call_home_.tick(time_.now);
    if (draining_) return;  // everybody is sent away, and none of it is told to others
    tell_of_changed_groups();
    watch_home_.tick(time_.now);
}

void Hub::tell_of_changed_groups() {
    if (time_.now < groups_told_at_ + settings_.watch_interval || !group_home_.take_changed()) return;
    groups_told_at_ = time_.now;
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker)
        send(worker, GroupsChanged{});
}

void Hub::look_not_after(Session& session, base::Instant when) {
    if (when >= session.look_at) return;
    session.look_at = when;
    deadlines_.add(when, session.address);
}

void Hub::look_at(Session& session) {
    if (session.state == Session::State::closed) return;
    if (session.state != Session::State::ready) {
        const base::Instant sign_in_until = session.opened_at + settings_.sign_in_timeout;
        if (time_.now >= sign_in_until) {
            close(session, codec::CloseReason::sign_in_timeout);
        } else {
            look_not_after(session, sign_in_until);
        }
        return;
    }
    if (time_.now >= token_ends_at(session)) {
        close(session, codec::CloseReason::token_expired);
        return;
    }
    const base::Millis silence_max = settings_.ping_interval + settings_.pong_timeout;
    if (time_.now >= session.received_at + silence_max) {
        close(session, codec::CloseReason::ping_timeout);
        return;
    }
    if (!session.token_event_sent && time_.now >= session.token_expires_at - kTokenEventLead) {
        session.token_event_sent = true;
        codec::v1::append_token_event(fresh_json(), token_expires_in_ms(session));
        send_json(session, json_);
    }
    if (time_.now >= session.ping_at) {
        session.ping_at = time_.now + settings_.ping_interval;
        send_heartbeat(session);
    }
    if (session.rejoin && time_.now >= session.rejoin->until)
        give_up_rejoin(session, 0, LeaveCause::disconnected);
    const base::Instant token_at =
        session.token_event_sent ? token_ends_at(session) : session.token_expires_at - kTokenEventLead;
    const base::Instant rejoin_at = session.rejoin ? session.rejoin->until : base::Instant::max();
    look_not_after(session,
                   std::min({session.ping_at, session.received_at + silence_max, token_at, rejoin_at}));
}

}  // namespace pipit::core
