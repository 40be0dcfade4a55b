#include "core/group_home.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "core/post_answer.hpp"

namespace pipit::core {

using codec::v1::NoticeCode;

void GroupHome::join(JoinGroup&& command) {
    Group& group = find_or_make(command.group);
    const Caller& caller = command.caller;
    const MemberList::Place place{caller.address, caller.deflate};
    if (MemberList::Place* member = group.members.find(caller.user, caller.cid)) {
        count_place(group, *member, -1);
        *member = place;
    } else {
        // The notice goes out before the newcomer counts, so it cannot reach the newcomer.
        notify(group, NoticeCode::user_joined, caller);
        const bool is_first = group.members.add(caller.user, caller.cid, place);
        if (is_first && settings_.finds_by_user) index_.add_user(*caller.user, group);
        members_changed(group);
    }
    count_place(group, place, +1);
    port_.send(caller.address.worker,
               Joined{caller.address, command.command_id, command.attempt, std::move(command.group),
                      group.stream.epoch(), group.stream.offset()});
}

Group& GroupHome::find_or_make(const std::string& name) {
    auto found = groups_.find(name);
    if (found == groups_.end()) {
        auto group =
            std::make_unique<Group>(std::make_shared<const std::string>(name), random_, worker_count_);
        found = groups_.emplace(name, std::move(group)).first;
        index_.add(*found->second);
    }
    return *found->second;
}

void GroupHome::count_place(Group& group, const MemberList::Place& place, int change) {
    PIPIT_ASSERT(change > 0 || group.members_on[place.address.worker] > 0);
    const auto by = static_cast<std::uint32_t>(change);  // minus one wraps round to what is wanted
    group.members_on[place.address.worker] += by;
    if (place.deflate) group.deflate_members += by;
}

void GroupHome::members_changed(Group& group) {
    if (group.indexed_users != group.members.user_count()) changed_ = true;
    index_.update(group);
    members_changed_(*group.name);
}

void GroupHome::leave(LeaveGroup&& command) {
    const Caller& caller = command.caller;
    const auto found = groups_.find(command.group);
    if (found != groups_.end()) {
        Group& group = *found->second;
        if (const auto place = group.members.remove(caller.user, caller.cid)) {
            count_place(group, *place, -1);
            if (settings_.finds_by_user && !group.members.has_user(*caller.user))
                index_.remove_user(*caller.user, group);
            members_changed(group);
            notify(group,
                   command.cause == LeaveCause::left ? NoticeCode::user_left : NoticeCode::user_disconnected,
                   caller);
            if (group.members.empty()) {
                index_.remove(group);
                groups_.erase(found);
            }
        }
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
    if (found == groups_.end() || found->second->members.find(caller.user, caller.cid) == nullptr) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::not_joined);
    } else if (is_congested(*found->second)) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::unavailable);
    } else if (command.notification &&
               found->second->members.user_count() - 1 > settings_.users_per_notification_max) {
        codec::v1::append_error(
            reply, command.command_id, codec::ErrorReason::invalid_parameter,
            fmt::format("A notification may address at most {} users, and the group has more.",
                        settings_.users_per_notification_max));
    } else {
        Group& group = *found->second;
        const std::uint64_t offset = group.stream.next();
        const std::string cid = caller.cid.text();
        json_.clear();
        codec::v1::append_message(json_, *group.name, offset, {*caller.user, cid}, command.data);
        deliver(group);
        std::vector<UserId> addressed;
        if (command.notification) addressed = others_in(group, *caller.user);
        answer_post(port_, caller, command.command_id, {group.stream.epoch(), offset},
                    std::move(command.notification), std::move(addressed));
        return;
    }
    port_.send(caller.address.worker, Reply{caller.address, std::move(reply)});
}

std::vector<UserId> GroupHome::others_in(const Group& group, const std::string& user) {
    std::vector<UserId> users;
    const KeyRange<MemberKey> everyone{};
    group.members.visit(std::span(&everyone, 1), true, nullptr, [&](const UserId& member, const Cid&) {
        if (*member != user && (users.empty() || *users.back() != *member)) users.push_back(member);
        return true;
    });
    return users;
}

const Group* GroupHome::find(std::string_view name) const {
    const auto found = groups_.find(name);
    return found == groups_.end() ? nullptr : found->second.get();
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
