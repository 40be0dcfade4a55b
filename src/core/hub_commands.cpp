#include "core/command_cost.hpp"
#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;

namespace {
bool is_connect(const v1::Command& command) {
    const auto* refused = std::get_if<v1::Refused>(&command.what);
    return refused != nullptr ? refused->is_connect : std::holds_alternative<v1::Connect>(command.what);
}
}  // namespace

void Hub::carry_out(Session& session, v1::Command&& command) {
    if (!session.limiter.take(settings_.rate, time_.now)) {
        v1::append_error(fresh_json(), command.id, ErrorReason::rate_limited, {},
                         session.limiter.wait_ms(settings_.rate));
        send_json(session, json_);
        return;
    }
    session.limiter.take_also(cost_of(command) - 1);
    if (session.state == Session::State::awaiting_connect && !is_connect(command)) {
        reply_error(session, command.id, ErrorReason::not_signed_in);
        close(session, codec::CloseReason::not_signed_in);
        return;
    }
    std::visit([&](auto&& what) { on_command(session, command.id, std::move(what)); },
               std::move(command.what));
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Refused&& refused) {
    reply_error(session, id, refused.reason, refused.message);
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Connect&& connect) {
    if (session.state == Session::State::ready) {
        reply_error(session, id, ErrorReason::already_signed_in);
    } else {
        begin_sign_in(session, id, std::move(connect));
    }
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Refresh&& refresh) {
    if (const auto older = std::move(session.refresh)) {
        // Only the newest waits: what it says must not be undone later by one that was sent before it.
        waiting_for_keys_.erase(session.address);
        reply_error(session, older->command_id, ErrorReason::unavailable);
    }
    refresh_token(session, {id, std::move(refresh.token)}, UnknownKey::wait);
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Join&& join) {
    if (!session.allowed_groups.allows(join.group)) {
        reply_error(session, id, ErrorReason::group_not_allowed);
        return;
    }
    if (session.group != join.group) {
        leave_group(session, 0, LeaveCause::left);
        session.group = join.group;
        ++session.attempt;
        session.joins_unanswered = 0;
    }
    ++session.joins_unanswered;
    // To go on in the group where it still is a member is no news to the others.
    if (session.rejoin && session.rejoin->group == join.group) session.rejoin.reset();
    give_up_rejoin(session, 0, LeaveCause::left);
    // Also when it is a member already: the answer has the position, and only the home knows it.
    const WorkerIndex home = home_of(join.group);
    send(home,
         JoinGroup{session.caller(), id, session.attempt, std::move(join.group), std::move(join.since)});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Leave&&) {
    if (!session.group.empty()) {
        leave_group(session, id, LeaveCause::left);
        return;
    }
    if (session.rejoin) {
        give_up_rejoin(session, id, LeaveCause::left);
        return;
    }
    v1::append_left(fresh_json(), id);
    send_json(session, json_);
}

void Hub::leave_group(Session& session, std::uint64_t command_id, LeaveCause cause) {
    if (session.group.empty()) return;
    local_groups_.remove(session.membership);
    const WorkerIndex home = home_of(session.group);
    send(home, LeaveGroup{session.caller(), command_id, cause, std::exchange(session.group, {})});
    ++session.attempt;
}

void Hub::give_up_rejoin(Session& session, std::uint64_t command_id, LeaveCause cause) {
    if (!session.rejoin) return;
    const auto rejoin = std::move(session.rejoin);
    send(home_of(rejoin->group), LeaveGroup{session.caller(), command_id, cause, rejoin->group});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Post&& post) {
    using Kind = v1::Recipient::Kind;
    std::string& name = post.to.name;
    Kind kind = post.to.kind;
    if (kind == Kind::unsaid)
        kind = name != session.group && settings_.is_user_id(name) ? Kind::user : Kind::group;

    std::optional<Cid> cid;
    if (kind == Kind::cid && !(cid = Cid::parse(name))) {
        reply_error(session, id, ErrorReason::invalid_parameter, kNoCid);
        return;
    }
    const bool joined = name == session.group;
    if (kind == Kind::group && !joined) {
        // What was sent before, while it was a member, has its answer all the same, and only its home knows.
        if (post.key.empty() || !session.allowed_groups.allows(name)) {
            reply_error(session, id, ErrorReason::not_joined);
            return;
        }
    }
    if (post.notification && !may_push(asker_of(session, id))) return;
    const WorkerIndex home = cid ? home_of(*cid) : home_of(name);
    if (is_congested(home)) {
        reply_error(session, id, ErrorReason::unavailable);
        return;
    }
    std::string data(post.data);
    auto notification =
        post.notification ? std::make_unique<codec::Notification>(std::move(*post.notification)) : nullptr;
    if (kind == Kind::user) {
        send(home, PostToUser{session.caller(), id, std::move(name), std::move(data), std::move(notification),
                              std::move(post.key)});
    } else if (kind == Kind::cid) {
        send(home, PostToCid{session.caller(), id, *cid, std::move(data), std::move(notification),
                             std::move(post.key)});
    } else {
        send(home, PostToGroup{session.caller(), id, std::move(name), std::move(data),
                               std::move(notification), std::move(post.key), joined});
    }
}

}  // namespace pipit::core
