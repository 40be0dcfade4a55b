#include <algorithm>

#include "base/base64url.hpp"
#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;
using State = Session::State;
using Why = LeaveCall::Why;

namespace {

constexpr std::string_view kCallsAreOff = "Calls are switched off on this server.";

std::string random_call_id(base::Random& random) {
    std::array<std::uint8_t, 12> bytes;
    random.fill(bytes);
    return base::base64url_encode(bytes);
}

}  // namespace

// What a session is in

bool Hub::is_in_call(const Session& session, std::string_view call) {
    return session.calls && session.calls->has(call);
}

bool Hub::has_room_for_call(const Session& session) const {
    const std::size_t max = settings_.calls_per_connection_max;
    return session.calls ? session.calls->has_room(max) : max > 0;
}

SessionCalls& Hub::calls_of(Session& session) {
    if (!session.calls) session.calls = std::make_unique<SessionCalls>();
    return *session.calls;
}

bool Hub::remove_call(Session& session, std::string_view call) {
    if (!session.calls || !session.calls->remove(call)) return false;
    if (session.calls->empty()) session.calls.reset();
    return true;
}

void Hub::leave_calls(Session& session, Why why) {
    const auto calls = std::move(session.calls);
    if (!calls || draining_) return;
    for (std::string& call : calls->ids()) {
        const WorkerIndex home = home_of(call);
        send(home, LeaveCall{std::move(call), session.address, why});
    }
}

// Commands

void Hub::on_command(Session& session, std::uint64_t id, v1::Call&& call) {
    if (settings_.call_access == CallAccess::nobody)
        return reply_error(session, id, ErrorReason::not_permitted, kCallsAreOff);
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
    if (settings_.call_access == CallAccess::nobody)
        return reply_error(session, id, ErrorReason::not_permitted, kCallsAreOff);
    auto part = call_tickets_.open(*session.user, reattach.ticket);
    if (!part)
        return reply_error(session, id, ErrorReason::invalid_parameter,
                           "\"ticket\" must be one that this user has got for its part in a call.");
    const WorkerIndex home = home_of(part->call);
    const bool is_new = !is_in_call(session, part->call);
    if (is_new && !has_room_for_call(session)) return reply_error(session, id, ErrorReason::too_many_calls);
    if (is_congested(home)) return reply_error(session, id, ErrorReason::unavailable);
    // From now on, so that a hangup that comes right behind it ends the call.
    if (is_new) calls_of(session).add(part->call);
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
    const bool is_own = !request.devices.empty() && *request.devices.front().user == *request.caller.user;
    if (is_own || settings_.call_access == CallAccess::everyone) {
        send(request.caller.address.worker, StartCall{std::move(request)});
    } else if (request.group.empty()) {
        request.devices.clear();
        send(request.caller.address.worker, StartCall{std::move(request)});
    } else {
        // Also when nobody was found: the time that it takes to hear so should not tell it from a refusal.
        const WorkerIndex home = home_of(request.group);
        send(home, CheckCallee{std::move(request)});
    }
}

void Hub::on_message(CheckCallee&& message) {
    CallRequest& request = message.request;
    const Group* group = group_home_.find(request.group);
    const bool is_shared = group != nullptr && !request.devices.empty() &&
                           group->members.has_user(*request.devices.front().user);
    if (!is_shared) request.devices.clear();
    send(request.caller.address.worker, StartCall{std::move(request)});
}

void Hub::on_message(StartCall&& message) {
    CallRequest& request = message.request;
    Session* session = sessions_.find(request.caller.address);
    if (session == nullptr || session->state != State::ready) return;
    const bool any_congested = std::ranges::any_of(
        request.devices, [this](const Caller& device) { return is_congested(device.address.worker); });
    if (request.devices.empty()) {
        reply_error(*session, request.command_id, ErrorReason::callee_not_found);
    } else if (any_congested) {
        reply_error(*session, request.command_id, ErrorReason::unavailable);
    } else if (!has_room_for_call(*session)) {
        reply_error(*session, request.command_id, ErrorReason::too_many_calls);
    } else {
        calls_of(*session).add(request.call);
        call_home_.start(std::move(request), time_.now);
    }
}

// What a call has for a session

void Hub::ring(Session* session, CallNews&& news) {
    const std::size_t max = settings_.calls_per_connection_max;
    if (session == nullptr || !calls_of(*session).has_room_for_ring(*news.caller, max)) {
        const WorkerIndex home = home_of(news.call);
        send(home, LeaveCall{std::move(news.call), news.to, session == nullptr ? Why::lost : Why::busy});
        return;
    }
    session->calls->add(std::move(news.call), std::move(news.caller));
    deliver(*session, *news.event);
}

void Hub::take_part(Session* session, CallNews&& news) {
    if (session != nullptr && session->calls && session->calls->take_part(news.call)) {
        deliver(*session, *news.event);
        return;
    }
    // It has left, or was told to, before it could have the part.
    if (session != nullptr) reply_error(*session, news.command_id, ErrorReason::not_in_call);
    const WorkerIndex home = home_of(news.call);
    send(home, LeaveCall{std::move(news.call), news.to, Why::lost});
}

void Hub::on_message(CallNews&& message) {
    using Then = CallNews::Then;
    Session* session = sessions_.find(message.to);
    if (session != nullptr && session->state != State::ready) session = nullptr;
    if (message.then == Then::rings) return ring(session, std::move(message));
    if (message.then == Then::takes_part) return take_part(session, std::move(message));
    if (session == nullptr) return;
    const bool is_in = is_in_call(*session, message.call);
    if (message.then == Then::is_over || message.then == Then::has_no_part)
        remove_call(*session, message.call);
    // An event of a call that it has left already is none of its concern; an answer is.
    if (is_in || message.then == Then::has_no_part) deliver(*session, *message.event);
}

}  // namespace pipit::core
