#include "core/hub.hpp"

namespace pipit::core {

using State = Session::State;

void Hub::keep_or_end(KeptSession kept, SessionAddress address, bool keep) {
    if (keep && has_grace(kept)) {
        send(home_of(kept.cid), CidAway{kept.cid, address});
        away_.add(std::move(kept), address, time_.now);
    } else {
        end_kept(kept, address);
    }
}

bool Hub::has_grace(const KeptSession& kept) const {
    // While we stop, everybody is sent away, and nobody comes back to this process.
    return !draining_ && away_.has_room(*kept.user);
}

void Hub::end_kept(const KeptSession& kept, SessionAddress address) {
    const Caller caller{address, kept.cid, kept.user};
    if (!kept.group.empty())
        send(home_of(kept.group), LeaveGroup{caller, 0, LeaveCause::disconnected, kept.group});
    send(home_of(kept.cid), ForgetCid{kept.cid, address});
}

void Hub::on_message(Resume&& message) {
    if (message.place) {
        send_last(message.to.worker, Resumed{message.to, hand_over(message)});
    } else {
        cid_home_.resume(std::move(message));
    }
}

std::optional<KeptSession> Hub::hand_over(const Resume& message) {
    if (auto away = away_.take(message.cid, *message.user)) return std::move(away->session);
    Session* session = sessions_.find(*message.place);
    if (session == nullptr || session->cid != message.cid || session->state == State::closed)
        return std::nullopt;
    // Its client has noticed the loss before we did.
    effects_.closing.push_back({session->address, codec::CloseReason::taken_over, {}});
    return release(*session, Departure::broken);
}

void Hub::on_message(Resumed&& message) {
    Session* session = sessions_.find(message.to);
    const bool goes_on = session != nullptr && session->state == State::resuming;
    if (!message.kept) {
        if (goes_on) attach(*session);
        return;
    }
    KeptSession& kept = *message.kept;
    if (!goes_on) {
        // This connection was lost, too, before it could go on. What is kept of it is kept before it is
        // placed: the news of its place lets in at once who waits for it.
        const Cid cid = kept.cid;
        const PlaceCid place{{message.to, cid, kept.user}};
        if (has_grace(kept)) {
            away_.add(std::move(kept), message.to, time_.now);
            send(home_of(cid), place);
            send(home_of(cid), CidAway{cid, message.to});
        } else {
            send(home_of(cid), place);
            end_kept(kept, message.to);
        }
        return;
    }
    session->resumed = true;
    session->cid = kept.cid;
    session->user = kept.user;
    if (!kept.group.empty()) {
        session->rejoin = std::make_unique<Session::Rejoin>(
            Session::Rejoin{std::move(kept.group), time_.now + settings_.grace});
    }
    send(home_of(session->cid), PlaceCid{session->caller()});
}

void Hub::on_message(PlaceCid&& message) {
    cid_home_.place(message.caller);
    send(message.caller.address.worker, Placed{message.caller.address});
}

void Hub::on_message(Placed&& message) {
    // Only now, so that nobody can hear of its return before it can be reached again.
    Session* session = sessions_.find(message.to);
    if (session != nullptr && session->state == State::resuming) attach(*session);
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
    send(home_of(*session.user), AttachToUser{session.caller(), std::move(session.sign_in->since)});
}

}  // namespace pipit::core
