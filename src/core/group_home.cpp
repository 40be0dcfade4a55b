#include "core/group_home.hpp"

#include "base/assert.hpp"

namespace pipit::core {

using codec::v1::NoticeCode;

void GroupHome::join(JoinGroup&& command) {
    auto found = groups_.find(command.group);
    if (found == groups_.end()) {
        auto group = std::make_unique<Group>(std::make_shared<const std::string>(command.group), random_,
                                             worker_count_);
        found = groups_.emplace(command.group, std::move(group)).first;
    }
    Group& group = *found->second;
    const Caller& caller = command.caller;
    if (!group.members.contains(caller.cid)) {
        // The notice goes out before the newcomer counts, so it cannot reach the newcomer.
        notify(group, NoticeCode::user_joined, caller);
        group.members.emplace(caller.cid, Member{caller.address, caller.user, caller.deflate});
        ++group.members_on[caller.address.worker];
        if (caller.deflate) ++group.deflate_members;
    }
    port_.send(caller.address.worker,
               Joined{caller.address, command.command_id, command.attempt, std::move(command.group),
                      group.stream.epoch(), group.stream.offset()});
}

void GroupHome::leave(LeaveGroup&& command) {
    const Caller& caller = command.caller;
    const auto found = groups_.find(command.group);
    if (found != groups_.end() && found->second->members.erase(caller.cid) > 0) {
        Group& group = *found->second;
        PIPIT_ASSERT(group.members_on[caller.address.worker] > 0);
        --group.members_on[caller.address.worker];
        if (caller.deflate) --group.deflate_members;
        notify(group,
               command.cause == LeaveCause::left ? NoticeCode::user_left : NoticeCode::user_disconnected,
               caller);
        if (group.members.empty()) groups_.erase(found);
    }
    if (command.command_id == 0) return;
    std::string json;
    codec::v1::append_left(json, command.command_id);
    port_.send(caller.address.worker, Reply{caller.address, std::move(json)});
}

void GroupHome::post(PostToGroup&& command) {
    const Caller& caller = command.caller;
    std::string reply;
    const auto found = groups_.find(command.group);
    if (found == groups_.end() || !found->second->members.contains(caller.cid)) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::not_joined);
    } else if (is_congested(*found->second)) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::unavailable);
    } else {
        Group& group = *found->second;
        const std::uint64_t offset = group.stream.next();
        const std::string cid = caller.cid.text();
        json_.clear();
        codec::v1::append_message(json_, *group.name, offset, {*caller.user, cid}, command.data);
        deliver(group);
        codec::v1::append_posted(reply, command.command_id, group.stream.epoch(), offset);
    }
    port_.send(caller.address.worker, Reply{caller.address, std::move(reply)});
}

bool GroupHome::is_congested(const Group& group) const {
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (group.members_on[worker] > 0 && port_.is_congested(worker)) return true;
    }
    return false;
}

void GroupHome::notify(Group& group, NoticeCode code, const Caller& about) {
    if (silent_ || group.members.empty()) return;
    const std::string cid = about.cid.text();
    json_.clear();
    codec::v1::append_notice(json_, *group.name, group.stream.next(), code, {*about.user, cid});
    deliver(group);
}

void GroupHome::deliver(const Group& group) {
    const EncodedEventPtr event = encoder_.encode(json_, group.deflate_members > 0);
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (group.members_on[worker] > 0) port_.send(worker, DeliverToGroup{group.name, event});
    }
}

}  // namespace pipit::core
