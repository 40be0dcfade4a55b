#include "core/cid_home.hpp"

#include "codec/pipit_v1.hpp"

namespace pipit::core {

void CidHome::place(const Caller& caller) {
    places_.insert_or_assign(caller.cid, Place{caller.address, caller.user, caller.deflate});
    stop_waiting(caller.cid);
}

CidHome::Place* CidHome::find(const Cid& cid, const SessionAddress& address) {
    const auto found = places_.find(cid);
    // It may be somewhere else by now, and the news of the place before comes late.
    return found == places_.end() || found->second.address != address ? nullptr : &found->second;
}

void CidHome::away(const CidAway& message) {
    if (Place* place = find(message.cid, message.address)) place->away = true;
}

void CidHome::forget(const ForgetCid& message) {
    if (find(message.cid, message.address) == nullptr) return;
    places_.erase(message.cid);
    stop_waiting(message.cid);
}

void CidHome::stop_waiting(const Cid& cid) {
    const auto found = waiting_.find(cid);
    if (found == waiting_.end()) return;
    std::vector<Resume> waiting = std::move(found->second);
    waiting_.erase(found);
    for (Resume& message : waiting)
        resume(std::move(message));
}

void CidHome::resume(Resume&& message) {
    const auto found = places_.find(message.cid);
    if (found == places_.end() || *found->second.user != *message.user) {
        port_.send_last(message.to.worker, Resumed{message.to, std::nullopt});
    } else if (found->second.moving) {
        waiting_[message.cid].push_back(std::move(message));
    } else {
        // Whoever has it either hands it over, and it is placed again, or has ended it, and it is forgotten.
        found->second.moving = true;
        const SessionAddress place = found->second.address;
        message.place = place;
        port_.send(place.worker, std::move(message));
    }
}

void CidHome::find_callee(CallRequest& request) const {
    const Cid& cid = std::get<Cid>(request.callee);
    const auto found = places_.find(cid);
    if (found == places_.end() || found->second.away || found->second.moving) return;
    request.devices.push_back({found->second.address, cid, found->second.user, found->second.deflate});
}

void CidHome::post(PostToCid&& command, base::Instant now) {
    const Caller& caller = command.caller;
    const std::string recipient = command.cid.text();
    if (!command.key.empty()) {
        if (const auto* sent = sent_.find(recipient, *caller.user, command.key, now))
            return answers_.answer_again(caller, command.command_id, {}, *sent);
    }
    const auto found = places_.find(command.cid);
    if (found == places_.end() || found->second.away || found->second.moving)
        return answers_.refuse(caller, command.command_id, codec::ErrorReason::recipient_not_found);
    const Place& place = found->second;
    if (port_.is_congested(place.address.worker))
        return answers_.refuse(caller, command.command_id, codec::ErrorReason::unavailable);
    const std::string cid = caller.cid.text();
    std::string json;
    codec::v1::append_private(json, std::nullopt, {*caller.user, cid}, command.data);
    port_.send(place.address.worker, DeliverToSession{place.address, encoder_.encode(json, place.deflate)});
    std::vector<UserId> addressed{place.user};
    std::shared_ptr<NotificationOutcome> outcome;
    if (!command.key.empty()) {
        outcome = PostAnswers::new_outcome(command.notification, addressed);
        sent_.add(recipient, {caller.user, std::move(command.key), 0, now, outcome});
    }
    answers_.answer(caller, command.command_id, {}, std::move(command.notification), std::move(addressed),
                    std::move(outcome));
}

}  // namespace pipit::core
