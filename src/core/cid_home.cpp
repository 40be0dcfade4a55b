#include "core/cid_home.hpp"

#include "codec/pipit_v1.hpp"

namespace pipit::core {

void CidHome::add(const Caller& caller) {
    places_[caller.cid] = {caller.address, caller.deflate};
}

void CidHome::forget(const Cid& cid) {
    places_.erase(cid);
}

void CidHome::post(PostToCid&& command) {
    const Caller& caller = command.caller;
    std::string reply;
    const auto found = places_.find(command.cid);
    if (found == places_.end()) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::recipient_not_found);
    } else if (port_.is_congested(found->second.address.worker)) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::unavailable);
    } else {
        const Place& place = found->second;
        const std::string cid = caller.cid.text();
        std::string json;
        codec::v1::append_private(json, std::nullopt, {*caller.user, cid}, command.data);
        port_.send(place.address.worker,
                   DeliverToSession{place.address, encoder_.encode(json, place.deflate)});
        codec::v1::append_posted(reply, command.command_id, {}, 0);
    }
    port_.send(caller.address.worker, Reply{caller.address, std::move(reply)});
}

}  // namespace pipit::core
