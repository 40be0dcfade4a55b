#include "core/hub.hpp"

namespace pipit::core {

using State = Session::State;

void Hub::keep_or_end(Session& session, bool keep) {
    local_groups_.remove(session.membership);
    KeptSession kept{session.cid, session.user, std::exchange(session.group, {})};
    if (session.rejoin) kept.group = std::move(session.rejoin->group);
    session.rejoin.reset();
    // While we stop, everybody is sent away, and nobody comes back to this process.
    if (keep && !draining_ && away_.has_room()) {
        send(home_of(session.cid), CidAway{session.cid, session.address});
        away_.add(std::move(kept), session.address, time_.now);
    } else {
        end_kept(kept, session.address);
    }
}

void Hub::end_kept(const KeptSession& kept, SessionAddress address) {
    const Caller caller{address, kept.cid, kept.user};
    if (!kept.group.empty())
        send(home_of(kept.group), LeaveGroup{caller, 0, LeaveCause::disconnected, kept.group});
    send(home_of(kept.cid), ForgetCid{kept.cid, address});
}

void Hub::on_message(Resume&& message) {
    if (message.place) {
        send(message.to.worker, Resumed{message.to, hand_over(message)});
    } else {
        cid_home_.resume(std::move(message));
    }
}

std::optional<KeptSession> Hub::hand_over(const Resume& message) {
    Session* session = sessions_.find(*message.place);
    if (session != nullptr && session->state == State::ready && session->cid == message.cid &&
        *session->user == *message.user) {
        // Its client has noticed the loss before we did.
        leave_everything(*session, true);
        effects_.closing.push_back({session->address, codec::CloseReason::taken_over, {}});
    }
    auto away = away_.take(message.cid, *message.user);
    return away ? std::optional(std::move(away->session)) : std::nullopt;
}

void Hub::on_message(Resumed&& message) {
    Session* session = sessions_.find(message.to);
    if (message.kept) {
        send(home_of(message.kept->cid), PlaceCid{{message.to, message.kept->cid, message.kept->user,
                                                   session != nullptr && session->deflate}});
    }
    if (session == nullptr || session->state != State::resuming) {
        if (!message.kept) return;
        // This connection was lost, too, before it could go on.
        send(home_of(message.kept->cid), CidAway{message.kept->cid, message.to});
        away_.add(std::move(*message.kept), message.to, time_.now);
        return;
    }
    if (message.kept) {
        session->resumed = true;
        session->cid = message.kept->cid;
        session->user = message.kept->user;
        if (!message.kept->group.empty())
            session->rejoin = std::make_unique<Session::Rejoin>(
                Session::Rejoin{std::move(message.kept->group), time_.now + settings_.grace});
    }
    attach(*session);
}

void Hub::attach(Session& session) {
    if (!session.resumed) {
        // At home here, so that it can be found before anybody can have heard of it: news to another worker
        // would race with the first message to it.
        do
            session.cid = Cid::random(random_);
        while (home_of(session.cid) != self_);
    }
    session.state = State::attaching;
    send(home_of(*session.user), AttachToUser{session.caller()});
}

}  // namespace pipit::core
