#include "core/group_home.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "core/history_page.hpp"

namespace pipit::core {

using codec::v1::NoticeCode;
using Kind = History::Kind;

void GroupHome::join(JoinGroup&& command, base::Instant now) {
    bool is_new = false;
    Group& group = find_or_make(command.group, is_new);
    const Caller& caller = command.caller;
    const MemberList::Place place{caller.address, caller.deflate};
    if (MemberList::Place* member = group.members.find(caller.user, caller.cid)) {
        count_place(group, *member, -1);
        *member = place;
    } else {
        // The notice goes out before the newcomer counts, so it does not reach the newcomer.
        if (!is_new) notify(group, Kind::user_joined, caller, now);
        const bool is_first = group.members.add(caller.user, caller.cid, place);
        if (is_first && settings_.finds_by_user) index_.add_user(*caller.user, group);
        members_changed(group);
    }
    count_place(group, place, +1);
    port_.send(caller.address.worker, Joined{caller.address, command.command_id, command.attempt,
                                             std::move(command.group), news(group, command.since, now)});
}

StreamNews GroupHome::news(Group& group, const std::optional<codec::v1::Position>& since, base::Instant now) {
    if (!since) return StreamKeeper::news(group.stream);
    return keeper_.recover(group.stream, *since, settings_.page_bytes_max, now,
                           [&](std::uint64_t offset, const History::Entry& notice) {
                               return encode(group, offset, notice.kind, *notice.user, notice.cid, {});
                           });
}

Group* GroupHome::find_any(std::string_view name) {
    const auto found = groups_.find(name);
    return found == groups_.end() ? nullptr : found->second.get();
}

Group& GroupHome::find_or_make(const std::string& name, bool& is_new) {
    Group* group = find_any(name);
    is_new = group == nullptr;
    if (is_new) {
        auto made =
            std::make_unique<Group>(std::make_shared<const std::string>(name), random_, worker_count_);
        group = groups_.emplace(name, std::move(made)).first->second.get();
    }
    if (group->members.empty()) {
        keeper_.hold(group->stream);
        index_.add(*group);
        ++populated_;
    }
    return *group;
}

void GroupHome::retire(Group& group, base::Instant now) {
    index_.remove(group);
    --populated_;
    if (!keeper_.release(group.stream, *this, *group.name, now)) forget_stream(*group.name);
}

void GroupHome::forget_stream(std::string_view name) {
    const auto found = groups_.find(name);
    keeper_.drop(found->second->stream);
    groups_.erase(found);
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

void GroupHome::leave(LeaveGroup&& command, base::Instant now) {
    const Caller& caller = command.caller;
    Group* const group = find_any(command.group);
    if (const auto place = group != nullptr ? group->members.remove(caller.user, caller.cid) : std::nullopt) {
        count_place(*group, *place, -1);
        if (settings_.finds_by_user && !group->members.has_user(*caller.user))
            index_.remove_user(*caller.user, *group);
        members_changed(*group);
        const bool left = command.cause == LeaveCause::left;
        notify(*group, left ? Kind::user_left : Kind::user_disconnected, caller, now);
        if (group->members.empty()) retire(*group, now);
    }
    if (command.command_id == 0) return;
    std::string json;
    codec::v1::append_left(json, command.command_id);
    port_.send(caller.address.worker, Reply{caller.address, std::move(json)});
}

Group* GroupHome::admit(const PostToGroup& command, base::Instant now) {
    const auto refuse = [&](codec::ErrorReason reason, std::string_view message = {}) {
        answers_.refuse(command.caller, command.command_id, reason, message);
        return nullptr;
    };
    Group* const group = find_any(command.group);
    if (group == nullptr || group->members.find(command.caller.user, command.caller.cid) == nullptr)
        return refuse(codec::ErrorReason::not_joined);
    if (!command.key.empty()) {
        if (const auto* sent = keeper_.find_post(group->stream, *command.caller.user, command.key, now)) {
            answers_.answer_again(command.caller, command.command_id, group->stream.epoch(), *sent);
            return nullptr;
        }
    }
    if (is_congested(*group)) return refuse(codec::ErrorReason::unavailable);
    if (command.notification && group->members.user_count() - 1 > settings_.users_per_notification_max) {
        return refuse(codec::ErrorReason::invalid_parameter,
                      fmt::format("A notification may address at most {} users, and the group has more.",
                                  settings_.users_per_notification_max));
    }
    return group;
}

void GroupHome::post(PostToGroup&& command, base::Instant now) {
    Group* const group = admit(command, now);
    if (group == nullptr) return;
    const Caller& caller = command.caller;
    send_out(*group, Kind::message, caller.user, caller.cid, command.data, now);
    const std::uint64_t offset = group->stream.offset();
    std::vector<UserId> addressed;
    if (command.notification) addressed = others_in(*group, *caller.user);
    std::shared_ptr<NotificationOutcome> outcome;
    if (!command.key.empty() && keeper_.keeps_keys()) {
        outcome = PostAnswers::new_outcome(command.notification, addressed);
        keeper_.keep_post(group->stream, {caller.user, std::move(command.key), offset, now, outcome});
    }
    answers_.answer(caller, command.command_id, {group->stream.epoch(), offset},
                    std::move(command.notification), std::move(addressed), std::move(outcome));
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
    return found == groups_.end() || found->second->members.empty() ? nullptr : found->second.get();
}

bool GroupHome::is_congested(const Group& group) const {
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (group.members_on[worker] > 0 && port_.is_congested(worker)) return true;
    }
    return false;
}

void GroupHome::notify(Group& group, Kind kind, const Caller& about, base::Instant now) {
    if (!silent_) send_out(group, kind, about.user, about.cid, {}, now);
}

void GroupHome::send_out(Group& group, Kind kind, const UserId& user, const Cid& cid, std::string_view data,
                         base::Instant now) {
    const EncodedEventPtr event = encode(group, group.stream.next(), kind, *user, cid, data);
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (group.members_on[worker] > 0) port_.send(worker, DeliverToGroup{group.name, event});
    }
    // Most notices are never missed by anybody, and take far less memory like this than as they were sent.
    keeper_.keep(group.stream, settings_.history,
                 kind == Kind::message ? History::Entry{.event = event, .at = now}
                                       : History::Entry{.user = user, .cid = cid, .kind = kind, .at = now});
}

EncodedEventPtr GroupHome::encode(const Group& group, std::uint64_t offset, Kind kind, std::string_view user,
                                  const Cid& cid, std::string_view data) {
    const std::string cid_text = cid.text();
    const codec::v1::Sender sender{user, cid_text};
    json_.clear();
    switch (kind) {
        case Kind::message:
            codec::v1::append_message(json_, *group.name, offset, sender, data);
            break;
        case Kind::user_joined:
            codec::v1::append_notice(json_, *group.name, offset, NoticeCode::user_joined, sender);
            break;
        case Kind::user_left:
            codec::v1::append_notice(json_, *group.name, offset, NoticeCode::user_left, sender);
            break;
        case Kind::user_disconnected:
            codec::v1::append_notice(json_, *group.name, offset, NoticeCode::user_disconnected, sender);
            break;
    }
    return encoder_.encode(json_, group.deflate_members > 0);
}

void GroupHome::list_history(ListHistory&& question, base::Instant now) {
    Group* const group = find_any(question.what.group);
    const Asker& asker = question.asker;
    if (group == nullptr || !group->members.has_user(*question.user)) {
        port_.send(asker.worker, Answer{asker, codec::ErrorReason::not_joined, {}});
        return;
    }
    const std::string& epoch = group->stream.epoch();
    const auto& before = question.what.before;
    HistoryPage page(question.what.limit, settings_.page_bytes_max);
    if (const History* history =
            !before || before->epoch == epoch ? keeper_.history(group->stream, now) : nullptr)
        page.take(*history, before ? before->offset : group->stream.offset() + 1, now);
    port_.send(asker.worker, Answer{asker, std::nullopt, page.json(epoch), true});
}

}  // namespace pipit::core
