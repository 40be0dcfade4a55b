#include "core/group_home.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "core/history_page.hpp"

namespace pipit::core {

using codec::v1::NoticeCode;
using codec::v1::NotRecovered;
using Kind = History::Kind;

void GroupHome::join(JoinGroup&& command, base::Instant now) {
    Group* found = find_any(command.group);
    if (waits_for_log(found, command, now)) return;
    const bool is_new = found == nullptr;
    if (is_new) found = &make(command.group);
    if (waits_for_log(found, command, now)) return;
    Group& group = *found;
    const auto& since = command.since;
    const bool must_read =
        since && since->epoch == group.stream.epoch() && has_on_disk(group, since->offset + 1, now);
    const Caller& caller = command.caller;
    // One that comes has to be written down, too.
    const bool must_write = group.log && group.members.find(caller.user, caller.cid) == nullptr;
    if ((must_read && must_not_read()) || (must_write && log_.is_log_congested())) {
        refuse_join(command, codec::ErrorReason::unavailable, now);
        if (Group* const left = find_any(command.group)) retire_if_idle(*left, now);
        return;
    }

    populate(group);
    const MemberList::Place place{caller.address, caller.deflate};
    if (MemberList::Place* member = group.members.find(caller.user, caller.cid)) {
        count_place(group, *member, -1);
        *member = place;
    } else {
        // The notice goes out before the newcomer counts, so it does not reach the newcomer. In a durable
        // group it goes out later, and does.
        if (!is_new) notify(group, Kind::user_joined, caller, now);
        const bool is_first = group.members.add(caller.user, caller.cid, place);
        if (is_first && settings_.finds_by_user) index_.add_user(*caller.user, group);
        members_changed(group);
    }
    count_place(group, place, +1);
    if (must_read) return read_missed(group, std::move(command));
    StreamNews news = StreamKeeper::news(group.stream);
    if (since) {
        news =
            keeper_.recover(group.stream, *since, settings_.page_bytes_max, now,
                            [&](std::uint64_t offset, const History::Entry& notice) {
                                return encode(group, offset, {notice.kind, notice.user, notice.cid, {}, {}});
                            });
        auto* lost = std::get_if<NotRecovered>(&news.recovery);
        if (lost != nullptr && lost->reason == NotRecovered::Reason::epoch && group.log &&
            group.log->was_damaged)
            lost->reason = NotRecovered::Reason::damaged;
    }
    answer_joined(std::move(command), std::move(news));
}

void GroupHome::answer_joined(JoinGroup&& join, StreamNews news) {
    const SessionAddress to = join.caller.address;
    port_.send(to.worker, Joined{to, join.command_id, join.attempt, std::move(join.group), std::move(news)});
}

void GroupHome::refuse_join(const JoinGroup& join, codec::ErrorReason reason, base::Instant now) {
    const SessionAddress to = join.caller.address;
    // A later connection of the same cid may have its place by now.
    Group* const group = find_any(join.group);
    const auto* const member =
        group != nullptr ? group->members.find(join.caller.user, join.caller.cid) : nullptr;
    if (member != nullptr && member->address == to)
        end_membership({join.caller, 0, LeaveCause::left, join.group}, now);
    port_.send(to.worker, Joined{to, join.command_id, join.attempt, join.group, {}, reason});
}

Group* GroupHome::find_any(std::string_view name) {
    const auto found = groups_.find(name);
    return found == groups_.end() ? nullptr : found->second.get();
}

Group& GroupHome::make(const std::string& name) {
    auto made = std::make_unique<Group>(std::make_shared<const std::string>(name), random_, worker_count_);
    Group& group = *groups_.emplace(name, std::move(made)).first->second;
    if (is_durable(name)) group.log = std::make_unique<GroupLog>();
    return group;
}

void GroupHome::populate(Group& group) {
    if (!group.members.empty()) return;
    keeper_.hold(group.stream);
    index_.add(group);
    ++populated_;
}

void GroupHome::retire_if_idle(Group& group, base::Instant now) {
    if (!group.members.empty() || keeper_.is_released(group.stream) || (group.log && group.log->is_busy()))
        return;
    // Those who were here have had their grace time: it is over when they are no members any more.
    if (!keeper_.keeps_anything() || !keeper_.release(group.stream, *this, *group.name, now))
        forget_stream(*group.name);
}

void GroupHome::forget_stream(std::string_view name) {
    const auto found = groups_.find(name);
    Group& group = *found->second;
    if (group.log && group.log->state == GroupLog::State::open) log_.ask_log(CloseLog{group.name});
    keeper_.drop(group.stream);
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
    if (!waits_for_log(find_any(command.group), command, now)) end_membership(command, now);
}

void GroupHome::end_membership(const LeaveGroup& command, base::Instant now) {
    const Caller& caller = command.caller;
    Group* const group = find_any(command.group);
    if (const auto place = group != nullptr ? group->members.remove(caller.user, caller.cid) : std::nullopt) {
        count_place(*group, *place, -1);
        if (settings_.finds_by_user && !group->members.has_user(*caller.user))
            index_.remove_user(*caller.user, *group);
        members_changed(*group);
        const bool left = command.cause == LeaveCause::left;
        notify(*group, left ? Kind::user_left : Kind::user_disconnected, caller, now);
        if (group->members.empty()) {
            index_.remove(*group);
            --populated_;
            retire_if_idle(*group, now);
        }
    }
    if (command.command_id == 0) return;
    std::string json;
    codec::v1::append_left(json, command.command_id);
    port_.send(caller.address.worker, Reply{caller.address, std::move(json)});
}

bool GroupHome::is_known(Group& group, const PostToGroup& command, base::Instant now) {
    if (command.key.empty()) return false;
    const Caller& caller = command.caller;
    if (const auto* sent = keeper_.find_post(group.stream, *caller.user, command.key, now)) {
        answers_.answer_again(caller, command.command_id, group.stream.epoch(), *sent);
        return true;
    }
    auto* same = group.log ? group.log->find_appending(*caller.user, command.key) : nullptr;
    if (same == nullptr) return false;
    same->posters.push_back({caller, command.command_id});
    return true;
}

bool GroupHome::admit(Group* group, const PostToGroup& command) {
    const auto refuse = [&](codec::ErrorReason reason, std::string_view message = {}) {
        answers_.refuse(command.caller, command.command_id, reason, message);
        return false;
    };
    const Caller& caller = command.caller;
    if (group == nullptr || !command.joined || group->members.find(caller.user, caller.cid) == nullptr)
        return refuse(codec::ErrorReason::not_joined);
    if (is_congested(*group)) return refuse(codec::ErrorReason::unavailable);
    if (command.notification && group->members.user_count() - 1 > settings_.users_per_notification_max) {
        return refuse(codec::ErrorReason::invalid_parameter,
                      fmt::format("A notification may address at most {} users, and the group has more.",
                                  settings_.users_per_notification_max));
    }
    return true;
}

void GroupHome::post(PostToGroup&& command, base::Instant now) {
    Group* group = find_any(command.group);
    if (group == nullptr && !command.key.empty() && is_durable(command.group)) {
        // It may have been sent to the server before, and nobody has come to the group since.
        if (log_.is_log_congested())
            return answers_.refuse(command.caller, command.command_id, codec::ErrorReason::unavailable);
        group = &make(command.group);
    }
    if (waits_for_log(group, command, now)) return;
    if (group != nullptr && is_known(*group, command, now)) return;
    if (!admit(group, command)) return;
    if (group->log) return append_post(*group, std::move(command));
    const Caller& caller = command.caller;
    send_out(*group, {Kind::message, caller.user, caller.cid, std::move(command.data), {}}, now);
    answer_placed(*group, caller, command.command_id, command.key, std::move(command.notification), now);
}

void GroupHome::answer_placed(Group& group, const Caller& caller, std::uint64_t command_id,
                              const std::string& key, NotificationPtr notification, base::Instant now) {
    const std::uint64_t offset = group.stream.offset();
    std::vector<UserId> addressed;
    if (notification) addressed = others_in(group, *caller.user);
    std::shared_ptr<NotificationOutcome> outcome;
    if (!key.empty() && keeper_.keeps_keys()) {
        outcome = PostAnswers::new_outcome(notification, addressed);
        keeper_.keep_post(group.stream, {caller.user, key, offset, now, outcome});
    }
    answers_.answer(caller, command_id, {group.stream.epoch(), offset}, std::move(notification),
                    std::move(addressed), std::move(outcome));
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
    if (silent_) return;
    LogRecord record{kind, about.user, about.cid, {}, {}};
    if (group.log && group.log->state != GroupLog::State::open) return;  // it cannot be written
    if (group.log) {
        append(group, {std::move(record), {}, {}});
    } else {
        send_out(group, record, now);
    }
}

void GroupHome::send_out(Group& group, const LogRecord& record, base::Instant now) {
    EncodedEventPtr event = encode(group, group.stream.next(), record);
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (group.members_on[worker] > 0) port_.send(worker, DeliverToGroup{group.name, event});
    }
    keep(group, record, std::move(event), now);
}

void GroupHome::keep(Group& group, const LogRecord& record, EncodedEventPtr event, base::Instant at) {
    // Most notices are never missed by anybody, and take far less memory like this than as they were sent.
    keeper_.keep(group.stream, settings_.history,
                 record.kind == Kind::message
                     ? History::Entry{.event = std::move(event), .at = at}
                     : History::Entry{.user = record.user, .cid = record.cid, .kind = record.kind, .at = at});
}

EncodedEventPtr GroupHome::encode(const Group& group, std::uint64_t offset, const LogRecord& record) {
    const std::string cid = record.cid.text();
    const codec::v1::Sender sender{*record.user, cid};
    const auto append_notice = [&](NoticeCode code) {
        codec::v1::append_notice(json_, *group.name, offset, code, sender);
    };
    json_.clear();
    switch (record.kind) {
        case Kind::message:
            codec::v1::append_message(json_, *group.name, offset, sender, record.data);
            break;
        case Kind::user_joined:
            append_notice(NoticeCode::user_joined);
            break;
        case Kind::user_left:
            append_notice(NoticeCode::user_left);
            break;
        case Kind::user_disconnected:
            append_notice(NoticeCode::user_disconnected);
            break;
    }
    return encoder_.encode(json_, group.deflate_members > 0);
}

void GroupHome::list_history(ListHistory&& question, base::Instant now) {
    Group* const group = find_any(question.what.group);
    if (waits_for_log(group, question, now)) return;
    const Asker& asker = question.asker;
    if (group == nullptr || !group->members.has_user(*question.user)) {
        port_.send(asker.worker, Answer{asker, codec::ErrorReason::not_joined, {}});
        return;
    }
    const std::string& epoch = group->stream.epoch();
    const auto& before = question.what.before;
    HistoryPage page(question.what.limit, settings_.page_bytes_max);
    if (!before || before->epoch == epoch) {
        const History* const history = keeper_.history(group->stream, now);
        const std::uint64_t first = history != nullptr ? history->first() : group->stream.offset() + 1;
        if (history != nullptr)
            page.take(*history, before ? before->offset : group->stream.offset() + 1, now);
        if (!page.is_full() && has_on_disk(*group, first - 1, now)) {
            if (!must_not_read()) return read_history(*group, std::move(question));
            port_.send(asker.worker, Answer{asker, codec::ErrorReason::unavailable, {}});
            return;
        }
    }
    port_.send(asker.worker, Answer{asker, std::nullopt, page.json(epoch), true});
}

}  // namespace pipit::core
