// What is different about groups whose history is kept on disk: an event has its place, and is sent, when it
// is there.

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "core/group_home.hpp"
#include "core/history_page.hpp"

namespace pipit::core {

using codec::ErrorReason;
using codec::v1::NotRecovered;
using Kind = History::Kind;

namespace {
ErrorReason refusal_for(LogTrouble trouble) {
    return trouble == LogTrouble::full ? ErrorReason::history_full : ErrorReason::history_unavailable;
}

/// What it takes while it waits.
template <class Command>
std::size_t bytes_of(const Command& command) {
    std::size_t bytes = sizeof(GroupLog::Command);
    if constexpr (std::is_same_v<Command, PostToGroup>) bytes += post_bytes(command);
    return bytes;
}
}  // namespace

// Opening

void GroupHome::open_log(Group& group) {
    group.log->state = GroupLog::State::opening;
    group.log->opening = ++last_opening_;
    log_.ask_log(OpenLog{.home = self_,
                         .group = group.name,
                         .number = group.log->opening,
                         .records_max = settings_.history.events_max,
                         .bytes_max = settings_.history.bytes_max,
                         .age_max = keeper_.age_max(),
                         .key_window = keeper_.key_window(),
                         .keys_max = keeper_.keeps_keys() ? StreamKeeper::kKeysMax : 0});
}

template <class Command>
bool GroupHome::waits_for_log(Group* group, Command& command, base::Instant now) {
    if (group == nullptr || !group->log || group->log->state == GroupLog::State::open) return false;
    GroupLog& log = *group->log;
    if (must_not_wait(*group, command)) {
        const GroupName name = group->name;
        const bool is_of_use = log.state == GroupLog::State::opening || !group->members.empty();
        give_up(std::move(command), ErrorReason::unavailable, now);
        if (!is_of_use) forget_stream(*name);
        return true;
    }
    if (log.state == GroupLog::State::shut) open_log(*group);
    const std::size_t bytes = bytes_of(command);
    log.waiting_bytes += bytes;
    waiting_for_logs_ += bytes;
    log.waiting.emplace_back(std::move(command));
    return true;
}

template <class Command>
bool GroupHome::must_not_wait(const Group& group, const Command& command) const {
    if (std::is_same_v<Command, LeaveGroup>) return false;
    return log_.is_log_congested() || group.log->waiting.size() >= GroupLog::kCommandsMax ||
           waiting_for_logs_ + bytes_of(command) > GroupLog::kWaitingBytesMax;
}

std::deque<GroupLog::Command> GroupHome::take_waiting(GroupLog& log) {
    waiting_for_logs_ -= std::exchange(log.waiting_bytes, 0);
    return std::exchange(log.waiting, {});
}

template bool GroupHome::waits_for_log(Group*, JoinGroup&, base::Instant);
template bool GroupHome::waits_for_log(Group*, LeaveGroup&, base::Instant);
template bool GroupHome::waits_for_log(Group*, PostToGroup&, base::Instant);
template bool GroupHome::waits_for_log(Group*, ListHistory&, base::Instant);

void GroupHome::give_up(GroupLog::Command&& command, ErrorReason reason, base::Instant now) {
    std::visit(
        base::Overloaded{[&](JoinGroup& join) { refuse_join(join, reason, now); },
                         [&](LeaveGroup& leave) { end_membership(leave, now); },
                         [&](PostToGroup& post) { answers_.refuse(post.caller, post.command_id, reason); },
                         [&](ListHistory& list) {
                             port_.send(list.asker.worker, Answer{list.asker, reason, {}});
                         }},
        command);
}

void GroupHome::log_opened(LogOpened&& opened, base::Instant now) {
    const GroupName name = opened.group;
    Group* group = find_any(*name);
    if (group == nullptr || !group->log) return;  // forgotten meanwhile
    GroupLog& log = *group->log;
    if (opened.number != log.opening) return;  // it was about the group as it was opened before
    if (log.state == GroupLog::State::open) return begin_anew(*group, now);
    auto waiting = take_waiting(log);
    if (opened.epoch.empty()) {
        log.state = GroupLog::State::shut;
        for (GroupLog::Command& command : waiting)
            give_up(std::move(command), refusal_for(opened.trouble), now);
        group = find_any(*name);
        if (group != nullptr && group->members.empty()) forget_stream(*name);
        return;
    }
    log.state = GroupLog::State::open;
    if (opened.trouble == LogTrouble::damaged) log.was_damaged = true;
    log.first = opened.first;
    restore(*group, std::move(opened), now);
    for (GroupLog::Command& command : waiting) {
        std::visit(base::Overloaded{[&](JoinGroup& each) { join(std::move(each), now); },
                                    [&](LeaveGroup& each) { leave(std::move(each), now); },
                                    [&](PostToGroup& each) { post(std::move(each), now); },
                                    [&](ListHistory& each) { list_history(std::move(each), now); }},
                   command);
    }
    group = find_any(*name);
    if (group != nullptr) retire_if_idle(*group, now);
}

void GroupHome::begin_anew(Group& group, base::Instant now) {
    const GroupName name = group.name;
    group.log->was_damaged = true;
    group.log->state = GroupLog::State::shut;
    while (!group.log->appending.empty()) {
        for (const GroupLog::Poster& poster : group.log->take_oldest().posters)
            answers_.refuse(poster.caller, poster.command_id, ErrorReason::history_unavailable);
    }
    // They will be answered, when nobody waits for it any more.
    for (auto& [number, reader] : std::exchange(group.log->reading, {})) {
        const auto refuse = [&](auto& each) {
            give_up(std::move(each), ErrorReason::history_unavailable, now);
        };
        std::visit(
            base::Overloaded{[&](std::vector<JoinGroup>& joins) { std::ranges::for_each(joins, refuse); },
                             [&](ListHistory& list) { refuse(list); }},
            reader);
    }
    if (find_any(*name) == nullptr) return;  // those were its last members
    // What its members have does not lead to what comes now: they come back, and hear that it is lost.
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (group.members_on[worker] > 0) port_.send(worker, StreamBroken{group.name});
    }
    if (group.log->state != GroupLog::State::shut) return;  // some have left at once, which waits for it
    if (group.members.empty()) {
        forget_stream(*group.name);
    } else {
        open_log(group);
    }
}

void GroupHome::restore(Group& group, LogOpened&& opened, base::Instant now) {
    keeper_.clear(group.stream);
    group.stream.restore(std::move(opened.epoch), opened.offset - opened.newest.size());
    const auto written_at = [&](std::uint64_t age_ms) {
        return now - base::Millis(static_cast<std::int64_t>(age_ms));
    };
    for (const LoggedRecord& logged : opened.newest) {
        const std::uint64_t offset = group.stream.next();
        PIPIT_ASSERT(offset == logged.offset);
        keep(group, logged.record, encode(group, offset, logged.record), written_at(logged.age_ms));
    }
    for (const LoggedKey& known : opened.keys) {
        if (keeper_.find_post(group.stream, *known.user, known.key, now) == nullptr)
            keeper_.keep_post(group.stream, {known.user, known.key, known.offset, written_at(known.age_ms)});
    }
}

// Writing

void GroupHome::append(Group& group, GroupLog::Appending appending) {
    log_.ask_log(AppendToLog{.home = self_, .group = group.name, .record = appending.record});
    group.log->append(std::move(appending));
}

void GroupHome::append_post(Group& group, PostToGroup&& post) {
    const Caller& caller = post.caller;
    if (log_.is_log_congested()) return answers_.refuse(caller, post.command_id, ErrorReason::unavailable);
    LogRecord record{.kind = Kind::message,
                     .user = caller.user,
                     .cid = caller.cid,
                     .data = std::move(post.data),
                     .key = keeper_.keeps_keys() ? std::move(post.key) : std::string()};
    append(group, {std::move(record), {{caller, post.command_id}}, std::move(post.notification)});
}

void GroupHome::log_appended(const LogAppended& appended, base::Instant now) {
    Group* const group = find_any(*appended.group);
    PIPIT_ASSERT(group != nullptr && group->log && appended.count <= group->log->appending.size());
    for (std::uint64_t i = 0; i < appended.count; ++i) {
        GroupLog::Appending done = group->log->take_oldest();
        if (appended.trouble == LogTrouble::none) {
            PIPIT_ASSERT(appended.offset + i == group->stream.offset() + 1);
            publish(*group, std::move(done), now);
        } else {
            for (const GroupLog::Poster& poster : done.posters)
                answers_.refuse(poster.caller, poster.command_id, refusal_for(appended.trouble));
        }
    }
    retire_if_idle(*group, now);
}

void GroupHome::publish(Group& group, GroupLog::Appending&& done, base::Instant now) {
    send_out(group, done.record, now);
    if (done.posters.empty()) return;
    const GroupLog::Poster& first = done.posters.front();
    answer_placed(group, first.caller, first.command_id, done.record.key, std::move(done.notification), now);
    for (std::size_t i = 1; i < done.posters.size(); ++i) {
        // There are others only if it has a key, which has just been kept.
        const auto* sent = keeper_.find_post(group.stream, *done.record.user, done.record.key, now);
        const auto& [caller, command_id] = done.posters[i];
        answers_.answer_again(caller, command_id, group.stream.epoch(), *sent);
    }
}

// Reading

bool GroupHome::has_on_disk(Group& group, std::uint64_t offset, base::Instant now) {
    if (!group.log || offset < group.log->first || offset > group.stream.offset()) return false;
    const History* const history = keeper_.history(group.stream, now);
    return history == nullptr || offset < history->first();
}

void GroupHome::read_missed(Group& group, JoinGroup&& join) {
    if (auto* others = group.log->find_reading(join.since->offset)) return others->push_back(std::move(join));
    const std::uint64_t number = reads_.next_number();
    reads_.ask(ReadLog{self_, group.name, number, join.since->offset, settings_.page_bytes_max});
    std::vector<JoinGroup> joins;
    joins.push_back(std::move(join));
    group.log->reading.emplace(number, std::move(joins));
}

void GroupHome::read_history(Group& group, ListHistory&& list) {
    const std::uint64_t number = reads_.next_number();
    const std::uint64_t before = list.what.before
                                     ? std::min(list.what.before->offset, group.stream.offset() + 1)
                                     : group.stream.offset() + 1;
    reads_.ask(
        ReadLogBackwards{self_, group.name, number, before, list.what.limit, settings_.page_bytes_max});
    group.log->reading.emplace(number, std::move(list));
}

void GroupHome::log_read(LogRead&& read, base::Instant now) {
    reads_.answered();
    Group* const group = find_any(*read.group);
    if (group == nullptr || !group->log) return;
    const auto found = group->log->reading.find(read.read);
    if (found == group->log->reading.end()) return;  // abandoned meanwhile
    GroupLog::Reader reader = std::move(found->second);
    group->log->reading.erase(found);
    std::visit(base::Overloaded{
                   [&](std::vector<JoinGroup>& joins) { answer_missed(*group, std::move(joins), read, now); },
                   [&](ListHistory& list) { answer_history(*group, list, read); }},
               reader);
    if (Group* const left = find_any(*read.group)) retire_if_idle(*left, now);
}

void GroupHome::answer_missed(Group& group, std::vector<JoinGroup>&& joins, const LogRead& read,
                              base::Instant now) {
    // It may be read later: to be told of a gap now would be for good.
    if (read.trouble != LogTrouble::none && read.trouble != LogTrouble::damaged) {
        for (const JoinGroup& join : joins)
            refuse_join(join, ErrorReason::history_unavailable, now);
        return;
    }
    StreamNews news = StreamKeeper::news(group.stream);
    const std::uint64_t since = joins.front().since->offset, missed = news.offset - since;
    if (read.trouble == LogTrouble::damaged) {
        news.recovery = NotRecovered{NotRecovered::Reason::damaged, missed};
    } else if (read.records.empty() || read.records.front().offset != since + 1) {
        news.recovery = NotRecovered{NotRecovered::Reason::window, missed};
    } else {
        std::size_t bytes = 0;
        for (const LoggedRecord& logged : read.records) {
            EncodedEventPtr event = encode(group, logged.offset, logged.record);
            bytes += event->plain.size();
            if (bytes > settings_.page_bytes_max && !news.missed.empty()) break;
            news.missed.push_back(std::move(event));
        }
        news.recovery = codec::v1::Replayed{news.missed.size(), since + news.missed.size() < news.offset};
        news.offset = since;
    }
    for (JoinGroup& join : joins)
        answer_joined(std::move(join), news);
}

void GroupHome::answer_history(Group& group, const ListHistory& list, const LogRead& read) {
    if (read.trouble != LogTrouble::none) {
        port_.send(list.asker.worker, Answer{list.asker, refusal_for(read.trouble), {}});
        return;
    }
    HistoryPage page(list.what.limit, settings_.page_bytes_max);
    for (auto logged = read.records.rbegin(); logged != read.records.rend(); ++logged)
        page.add(logged->offset, encode(group, logged->offset, logged->record), logged->age_ms);
    if (read.more) page.set_more();
    port_.send(list.asker.worker, Answer{list.asker, std::nullopt, page.json(group.stream.epoch()), true});
}

}  // namespace pipit::core
