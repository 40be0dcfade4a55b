#include <algorithm>

#include "base/base64url.hpp"
#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;
using State = Session::State;
using Why = LeaveCall::Why;

namespace {

// To ring somebody is worth as many commands as this.
constexpr std::uint64_t kCommandsForACall = 10;

std::string random_call_id(base::Random& random) {
    std::array<std::uint8_t, 12> bytes;
    random.fill(bytes);
    return base::base64url_encode(bytes);
}

}  // namespace

// What a session is in

bool Hub::has_room_for_call(const Session& session) const {
    return (session.calls ? session.calls->size() : 0) < settings_.calls_per_connection_max;
}

bool Hub::is_in_call(const Session& session, std::string_view call) {
    return session.calls && std::ranges::find(*session.calls, call) != session.calls->end();
}

void Hub::add_call(Session& session, std::string call) {
    if (!session.calls) session.calls = std::make_unique<std::vector<std::string>>();
    session.calls->push_back(std::move(call));
}

bool Hub::remove_call(Session& session, std::string_view call) {
    if (!session.calls || std::erase(*session.calls, call) == 0) return false;
    if (session.calls->empty()) session.calls.reset();
    return true;
}

void Hub::leave_calls(Session& session, Why why) {
    const auto calls = std::move(session.calls);
    if (!calls || draining_) return;
    for (std::string& call : *calls) {
        const WorkerIndex home = home_of(call);
        send(home, LeaveCall{std::move(call), session.address, why});
    }
}

// Commands

void Hub::on_command(Session& session, std::uint64_t id, v1::Call&& call) {
    session.limiter.take_also(kCommandsForACall - 1);
    if (settings_.call_access == CallAccess::nobody)
        return reply_error(session, id, ErrorReason::not_permitted, "Calls are switched off on this server.");
    if (!has_room_for_call(session)) return reply_error(session, id, ErrorReason::too_many_calls);
    std::variant<Cid, std::string> callee = std::move(call.to.name);
    if (call.to.kind == v1::Recipient::Kind::cid) {
        const auto cid = Cid::parse(std::get<std::string>(callee));
        if (!cid) return reply_error(session, id, ErrorReason::invalid_parameter, kNoCid);
        if (*cid == session.cid)
            return reply_error(session, id, ErrorReason::invalid_parameter,
                               "\"to.cid\" must be another connection than the caller's own.");
        callee = *cid;
    }
    const auto* cid = std::get_if<Cid>(&callee);
    const WorkerIndex home = cid != nullptr ? home_of(*cid) : home_of(std::get<std::string>(callee));
    if (is_congested(home) || (!session.group.empty() && is_congested(home_of(session.group))))
        return reply_error(session, id, ErrorReason::unavailable);
    // At home where its caller is: nothing can then be heard of the caller before of the call.
    std::string name;
    do
        name = random_call_id(random_);
    while (home_of(name) != self_);
    send(home, FindCallee{{.caller = session.caller(),
                           .command_id = id,
                           .call = std::move(name),
                           .group = session.group,
                           .callee = std::move(callee),
                           .data = std::string(call.data)}});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Accept&& accept) {
    const WorkerIndex home = home_of(accept.call);
    if (is_congested(home)) return reply_error(session, id, ErrorReason::unavailable);
    send(home, AcceptCall{session.caller(), id, std::move(accept.call), std::string(accept.data)});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Signal&& signal) {
    const WorkerIndex home = home_of(signal.call);
    if (is_congested(home)) return reply_error(session, id, ErrorReason::unavailable);
    send(home, SignalCall{session.caller(), id, std::move(signal.call), std::string(signal.data)});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Hangup&& hangup) {
    v1::append_ok(fresh_json(), id, "{}");
    send_json(session, json_);
    if (!remove_call(session, hangup.call)) return;
    const WorkerIndex home = home_of(hangup.call);
    send(home, LeaveCall{std::move(hangup.call), session.address, Why::hung_up});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Reattach&& reattach) {
    auto part = call_tickets_.open(*session.user, reattach.ticket);
    if (!part)
        return reply_error(session, id, ErrorReason::invalid_parameter,
                           "\"ticket\" must be one that this user has got for its part in a call.");
    const WorkerIndex home = home_of(part->call);
    send(home, ReattachCall{session.caller(), id, std::move(part->call), part->side});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Ice&&) {
    v1::append_ok(fresh_json(), id, ice_servers_for(*session.user, session.host));
    send_json(session, json_);
}

std::string Hub::ice_servers_for(std::string_view user, const HostName& host) const {
    return rtc::ice_servers_json(settings_.ice, host ? std::string_view(*host) : std::string_view(), user,
                                 time_.unix_now);
}

// The way to a call

void Hub::on_message(FindCallee&& message) {
    CallRequest& request = message.request;
    if (std::holds_alternative<Cid>(request.callee)) {
        cid_home_.find_callee(request);
    } else {
        user_home_.find_callee(request);
    }
    const bool is_allowed = settings_.call_access == CallAccess::everyone || request.devices.empty() ||
                            *request.devices.front().user == *request.caller.user;
    if (!is_allowed && !request.group.empty()) {
        const WorkerIndex home = home_of(request.group);
        send(home, CheckCallee{std::move(request)});
        return;
    }
    if (!is_allowed) request.devices.clear();
    send(request.caller.address.worker, StartCall{std::move(request)});
}

void Hub::on_message(CheckCallee&& message) {
    CallRequest& request = message.request;
    const Group* group = group_home_.find(request.group);
    if (group == nullptr || !group->members.has_user(*request.devices.front().user)) request.devices.clear();
    send(request.caller.address.worker, StartCall{std::move(request)});
}

void Hub::on_message(StartCall&& message) {
    CallRequest& request = message.request;
    Session* session = sessions_.find(request.caller.address);
    if (session == nullptr || session->state != State::ready) return;
    if (request.devices.empty()) {
        reply_error(*session, request.command_id, ErrorReason::callee_not_found);
    } else if (!has_room_for_call(*session)) {
        reply_error(*session, request.command_id, ErrorReason::too_many_calls);
    } else {
        add_call(*session, request.call);
        call_home_.start(std::move(request), time_.now);
    }
}

void Hub::turn_away(Session* session, const CallNews& message) {
    const bool rings = message.then == CallNews::Then::rings;
    if (session != nullptr && !rings) reply_error(*session, message.command_id, ErrorReason::too_many_calls);
    send(home_of(message.call),
         LeaveCall{message.call, message.to, session != nullptr && rings ? Why::busy : Why::lost});
}

void Hub::on_message(CallNews&& message) {
    using Then = CallNews::Then;
    Session* session = sessions_.find(message.to);
    if (session != nullptr && session->state != State::ready) session = nullptr;
    const bool is_new = session == nullptr || !is_in_call(*session, message.call);
    if (is_new && (message.then == Then::rings || message.then == Then::reattached)) {
        if (session == nullptr || !has_room_for_call(*session)) {
            turn_away(session, message);
            return;
        }
        add_call(*session, message.call);
    }
    // It may have hung up, or have had no room for the ring, and the home learns of it later.
    if (session == nullptr || !is_in_call(*session, message.call)) return;
    if (message.then == Then::is_over) remove_call(*session, message.call);
    deliver(*session, *message.event);
}

}  // namespace pipit::core
