#include "core/call_home.hpp"

#include <algorithm>

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;
using v1::CallEnd;
using Then = CallNews::Then;
using Why = LeaveCall::Why;

namespace {

CallSide other_of(CallSide side) {
    return side == CallSide::caller ? CallSide::callee : CallSide::caller;
}

}  // namespace

// Ringing

void CallHome::start(CallRequest&& request, base::Instant now) {
    auto made = std::make_unique<Call>();
    Call& call = *made;
    call.id = std::move(request.call);
    call.ringing = std::move(request.devices);
    call.side(CallSide::caller) = request.caller;
    calls_.emplace(call.id, std::move(made));
    set_deadline(call, now + settings_.ring_timeout);

    const auto timeout_ms = static_cast<std::uint64_t>(settings_.ring_timeout.count());
    v1::append_calling(fresh_json(), request.command_id, call.id, call.ringing.size(), timeout_ms);
    reply(request.caller);

    const std::string cid = request.caller.cid.text();
    v1::append_ring_event(fresh_json(), call.id, {*request.caller.user, cid}, timeout_ms, request.data);
    const EncodedEventPtr event = encoder_.encode(json_, std::ranges::any_of(call.ringing, &Caller::deflate));
    // A device that cannot ring leaves the call, at once if it is here: the call may be gone after any of
    // these.
    const std::vector<Caller> devices = call.ringing;
    const std::string id = call.id;
    for (const Caller& device : devices)
        port_.send(device.address.worker,
                   CallNews{device.address, id, event, Then::rings, 0, request.caller.user});
}

void CallHome::accept(AcceptCall&& command) {
    const Caller& callee = command.caller;
    Call* call = find(command.call);
    const bool rings = call != nullptr && std::ranges::find(call->ringing, callee.address,
                                                            &Caller::address) != call->ringing.end();
    if (!rings) {
        refuse(callee, command.command_id, ErrorReason::not_in_call);
        return;
    }
    const Caller& caller = *call->side(CallSide::caller);
    if (port_.is_congested(caller.address.worker)) {
        refuse(callee, command.command_id, ErrorReason::unavailable);
        return;
    }
    stop_ringing(*call, CallEnd::answered_elsewhere, &callee.address);
    call->ringing.clear();
    call->talking = true;
    call->side(CallSide::callee) = callee;
    drop_deadline(*call);

    v1::append_call_accepted(fresh_json(), command.command_id,
                             tickets_.of(*callee.user, {call->id, CallSide::callee}));
    tell(callee, *call, Then::takes_part, command.command_id);
    for (const std::string& event : std::exchange(call->held, {})) {
        fresh_json() = event;
        tell(callee, *call, Then::goes_on);
    }
    const std::string cid = callee.cid.text();
    v1::append_accepted_event(fresh_json(), call->id, {*callee.user, cid},
                              tickets_.of(*caller.user, {call->id, CallSide::caller}), command.data);
    tell(caller, *call, Then::goes_on);
}

void CallHome::stop_ringing(const Call& call, CallEnd reason, const SessionAddress* but_not) {
    v1::append_ended_event(fresh_json(), call.id, reason);
    for (const Caller& device : call.ringing) {
        if (but_not == nullptr || device.address != *but_not) tell(device, call, Then::is_over);
    }
}

void CallHome::end_for_caller(Call& call, CallEnd reason) {
    v1::append_ended_event(fresh_json(), call.id, reason);
    tell(*call.side(CallSide::caller), call, Then::is_over);
}

void CallHome::leave_ringing(Call& call, const LeaveCall& command) {
    if (call.side(CallSide::caller)->address == command.address) {
        stop_ringing(call, command.why == Why::lost ? CallEnd::lost : CallEnd::cancelled);
        forget(call);
        return;
    }
    if (std::erase_if(call.ringing,
                      [&](const Caller& device) { return device.address == command.address; }) == 0)
        return;
    if (command.why == Why::hung_up) {
        stop_ringing(call, CallEnd::rejected);
        end_for_caller(call, CallEnd::rejected);
        forget(call);
        return;
    }
    call.any_was_busy |= command.why == Why::busy;
    if (!call.ringing.empty()) return;
    end_for_caller(call, call.any_was_busy ? CallEnd::busy : CallEnd::unreachable);
    forget(call);
}

// Talking

std::optional<CallSide> CallHome::side_at(Call& call, const SessionAddress& address) {
    for (const CallSide side : {CallSide::caller, CallSide::callee}) {
        if (call.side(side) && call.side(side)->address == address) return side;
    }
    return std::nullopt;
}

void CallHome::signal(SignalCall&& command) {
    const Caller& from = command.caller;
    Call* call = find(command.call);
    const auto side = call != nullptr ? side_at(*call, from.address) : std::nullopt;
    if (!side) {
        refuse(from, command.command_id, ErrorReason::not_in_call);
        return;
    }
    v1::append_signal_event(fresh_json(), call->id, command.data);
    if (!call->talking) {
        if (call->held_bytes + json_.size() > settings_.held_bytes_max) {
            refuse(from, command.command_id, ErrorReason::too_many_signals);
            return;
        }
        call->held_bytes += json_.size();
        call->held.push_back(json_);
    } else {
        const std::optional<Caller>& to = call->side(other_of(*side));
        if (!to || port_.is_congested(to->address.worker)) {
            refuse(from, command.command_id, to ? ErrorReason::unavailable : ErrorReason::peer_away);
            return;
        }
        tell(*to, *call, Then::goes_on);
    }
    v1::append_ok(fresh_json(), command.command_id, "{}");
    reply(from);
}

void CallHome::leave(const LeaveCall& command, base::Instant now) {
    Call* call = find(command.call);
    if (call == nullptr) return;
    if (!call->talking) {
        leave_ringing(*call, command);
    } else if (const auto side = side_at(*call, command.address)) {
        leave_talk(*call, *side, command.why, now);
    }
}

void CallHome::leave_talk(Call& call, CallSide side, Why why, base::Instant now) {
    call.side(side).reset();
    std::optional<Caller>& other = call.side(other_of(side));
    if (why == Why::lost) {
        v1::append_peer_event(fresh_json(), call.id, std::nullopt);
        if (other) tell(*other, call, Then::goes_on);
    } else {
        // Remembered for who is away, perhaps without our knowing, and should learn that there is nothing to
        // come back to.
        call.is_over = true;
        v1::append_ended_event(fresh_json(), call.id, CallEnd::hung_up);
        if (other) tell(*std::exchange(other, std::nullopt), call, Then::is_over);
    }
    if (!other) set_deadline(call, now + kReattachWindow);
}

void CallHome::reattach(const ReattachCall& command) {
    const Caller& caller = command.caller;
    Call* call = find(command.call);
    if (call == nullptr) {
        call = calls_.emplace(command.call, std::make_unique<Call>()).first->second.get();
        call->id = command.call;
        call->talking = true;
    }
    if (!call->talking || call->is_over) {
        v1::append_error(fresh_json(), command.command_id, ErrorReason::not_in_call);
        tell(caller, *call, Then::has_no_part);
        return;
    }
    std::optional<Caller>& own = call->side(command.side);
    const std::optional<Caller>& other = call->side(other_of(command.side));
    if (other && other->address == caller.address) {
        // A user who has called another device of its own has both tickets, but nobody talks to itself.
        refuse(caller, command.command_id, ErrorReason::not_in_call);
        return;
    }
    if (own && own->address != caller.address) {
        v1::append_ended_event(fresh_json(), call->id, CallEnd::moved);
        tell(*own, *call, Then::is_over);
    }
    own = caller;
    drop_deadline(*call);

    const std::string cid = caller.cid.text();
    if (other) {
        v1::append_peer_event(fresh_json(), call->id, v1::Sender{*caller.user, cid});
        tell(*other, *call, Then::goes_on);
    }
    const std::string other_cid = other ? other->cid.text() : std::string();
    v1::append_reattached(fresh_json(), command.command_id, call->id,
                          other ? std::optional(v1::Sender{*other->user, other_cid}) : std::nullopt);
    // Last, for whoever is gone already leaves it again at this.
    tell(caller, *call, Then::takes_part, command.command_id);
}

// Time

void CallHome::set_deadline(Call& call, base::Instant when) {
    drop_deadline(call);
    call.deadline = deadlines_.emplace(when, &call);
}

void CallHome::drop_deadline(Call& call) {
    if (call.deadline) deadlines_.erase(*call.deadline);
    call.deadline.reset();
}

void CallHome::forget(Call& call) {
    drop_deadline(call);
    calls_.erase(calls_.find(call.id));
}

void CallHome::tick(base::Instant now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        Call& call = *deadlines_.begin()->second;
        if (!call.talking) {
            stop_ringing(call, CallEnd::timeout);
            end_for_caller(call, CallEnd::timeout);
        }
        forget(call);
    }
}

CallHome::Call* CallHome::find(std::string_view id) {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : found->second.get();
}

void CallHome::tell(const Caller& to, const Call& call, Then then, std::uint64_t command_id) {
    port_.send(to.address.worker,
               CallNews{to.address, call.id, encoder_.encode(json_, to.deflate), then, command_id});
}

void CallHome::reply(const Caller& to) {
    port_.send(to.address.worker, Reply{to.address, json_});
}

void CallHome::refuse(const Caller& to, std::uint64_t command_id, ErrorReason error) {
    v1::append_error(fresh_json(), command_id, error);
    reply(to);
}

std::string& CallHome::fresh_json() {
    json_.clear();
    return json_;
}

}  // namespace pipit::core
