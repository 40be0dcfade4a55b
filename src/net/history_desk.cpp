#include "net/history_desk.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <spdlog/spdlog.h>

#include "core/name_map.hpp"

namespace pipit::net {
namespace {

// What is read and not handed over.
constexpr std::size_t kBytesReadMax = 1 << 20;
// A log that has not failed for so long works again.
constexpr base::Millis kQuietAfterFailure{60'000};

std::string_view bytes_of(const core::Cid& cid) {
    return {reinterpret_cast<const char*>(cid.bytes.data()), cid.bytes.size()};
}

core::Cid cid_of(const std::string& bytes) {
    core::Cid cid;
    std::copy_n(bytes.begin(), std::min(bytes.size(), cid.bytes.size()), cid.bytes.begin());
    return cid;
}

/// The ids of those who appear again and again in what is read, each once.
class Users {
 public:
    core::UserId operator[](std::string&& user) {
        if (const auto known = known_.find(user); known != known_.end()) return known->second;
        const auto id = std::make_shared<const std::string>(std::move(user));
        known_.emplace(*id, id);
        return id;
    }

 private:
    core::NameMap<core::UserId> known_;
};

store::HistoryDraft draft_of(const core::LogRecord& record) {
    static_assert(static_cast<std::uint8_t>(core::LogRecord::Kind::message) == store::kHistoryMessage);
    return {.kind = static_cast<std::uint8_t>(record.kind),
            .user = *record.user,
            .cid = bytes_of(record.cid),
            .data = record.data,
            .key = record.key};
}

}  // namespace

HistoryDesk::HistoryDesk(std::unique_ptr<store::HistoryLog> log, ShardMail& mail)
    : log_(std::move(log)), mail_(mail) {
    follow_up_damage();
}

void HistoryDesk::carry_out(std::vector<core::HistoryCommand> commands, store::UnixMs now) {
    now_ = now;
    ++commit_;
    for (core::HistoryCommand& command : commands)
        std::visit([this](auto& what) { plan(std::move(what)); }, command);
    commit();
    for (const auto& answer : answers_)
        answer();
    if (!reads_.empty()) mail_.hand_over();
    bytes_read_ = 0;
    for (const auto& read : reads_)
        read();
    answers_.clear();
    reads_.clear();
    runs_.clear();
    refused_.reset();
    follow_up_damage();
}

bool HistoryDesk::expire(store::UnixMs now) {
    now_ = now;
    const auto expired = log_->expire(now);
    if (!expired) trouble(expired.error());
    follow_up_damage();
    return expired && *expired;
}

// Opening.

void HistoryDesk::plan(core::OpenLog&& command) {
    open_.erase(*command.group);  // for the hub it is over as it was opened before
    const auto found = log_->find(*command.group);
    const bool is_new = found && !*found;
    if (is_new) {
        begin();
        // Why it cannot be made is told by the commit.
        if (!refused_) (void)log_->create(*command.group);
    }
    log_->hold(*command.group, true);  // not to be forgotten in this very commit
    reads_.push_back([this, command = std::move(command), is_new] { open(command, is_new); });
}

void HistoryDesk::open(const core::OpenLog& command, bool is_new) {
    const std::string& group = *command.group;
    const auto refuse = [&](const store::HistoryError& error) {
        log_->hold(group, false);
        mail_.send(
            command.home,
            core::LogOpened{.group = command.group, .number = command.number, .trouble = trouble(error)});
    };
    const auto found = log_->find(group);
    if (!found) return refuse(found.error());
    if (!*found) {
        return refuse(refused_.value_or(
            store::HistoryError{store::HistoryFault::disk_full, "there are too many groups"}));
    }
    const auto ms = [](base::Millis time) { return static_cast<store::UnixMs>(time.count()); };
    auto newest = log_->newest(group, (*found)->last,
                               {.records_max = command.records_max,
                                .bytes_max = command.bytes_max,
                                .not_before = now_ - ms(command.age_max),
                                .keys_not_before = now_ - ms(command.key_window),
                                .keys_max = command.keys_max});
    core::LogOpened answer;
    if (newest) {
        answer = opened(command, **found, std::move(*newest));
        const bool has_begun_anew = begun_anew_.erase(group) > 0 || (is_new && was_damaged_);
        if (has_begun_anew) answer.trouble = core::LogTrouble::damaged;
    } else {
        if (newest.error().fault != store::HistoryFault::group_damaged) return refuse(newest.error());
        answer.group = command.group;
        answer.number = command.number;
        answer.trouble = trouble(newest.error());
        if (const auto anew = begin_anew(group)) {
            answer = opened(command, *anew, {});
            answer.trouble = core::LogTrouble::damaged;
        }
    }
    if (!answer.epoch.empty())
        open_[group] = {.name = command.group, .home = command.home, .number = command.number};
    log_->hold(group, open_.contains(group));
    send_read(command.home, std::move(answer));
}

core::LogOpened HistoryDesk::opened(const core::OpenLog& command, const store::HistoryPlace& place,
                                    store::NewestOfHistory newest) const {
    core::LogOpened answer{.group = command.group,
                           .number = command.number,
                           .epoch = place.epoch,
                           .offset = place.last,
                           .first = place.first,
                           .newest = logged(std::move(newest.records))};
    answer.keys.reserve(newest.keys.size());
    Users users;
    for (store::HistoryKey& key : newest.keys) {
        answer.keys.push_back({.user = users[std::move(key.user)],
                               .key = std::move(key.key),
                               .offset = key.offset,
                               .age_ms = age_ms(key.at)});
    }
    return answer;
}

void HistoryDesk::plan(core::CloseLog&& command) {
    if (open_.erase(*command.group) == 0) return;
    // Behind what was to be read of it before: without being held it may be forgotten with any commit.
    reads_.push_back([this, group = command.group] {
        if (!open_.contains(*group)) log_->hold(*group, false);
    });
}

// Writing.

void HistoryDesk::plan(core::AppendToLog&& command) {
    const auto found = open_.find(*command.group);
    if (found == open_.end()) return;  // it was damaged, and the hub is about to hear of it
    OpenGroup& group = found->second;
    begin();
    std::uint64_t offset = 0;
    if (!refused_) {
        // Why one cannot be written is told by the commit.
        if (const auto appended = log_->append(*command.group, draft_of(command.record))) offset = *appended;
    }
    if (group.run_commit == commit_) {
        ++runs_[group.run].count;
        return;
    }
    group.run_commit = commit_;
    group.run = runs_.size();
    runs_.push_back({.group = command.group, .count = 1, .offset = offset});
    auto& answers = group.read_commit == commit_ ? reads_ : answers_;
    answers.push_back([this, home = command.home, run = group.run] {
        core::LogAppended& answer = runs_[run];
        if (refused_) {
            answer.trouble = trouble(*refused_);
            answer.offset = 0;
        }
        mail_.send(home, std::move(answer));
    });
}

void HistoryDesk::begin() {
    if (has_begun_ || refused_) return;
    const store::HistoryStatus begun = log_->begin(now_);
    has_begun_ = bool(begun);
    if (!begun) refused_ = begun.error();
}

void HistoryDesk::commit() {
    if (!std::exchange(has_begun_, false)) return;
    const store::HistoryStatus committed = log_->commit();
    if (!committed) {
        refused_ = committed.error();
    } else if (fails_ && now_ - failed_at_ >= kQuietAfterFailure.count()) {
        // Not before: on a disk that is nearly full small commits succeed while large ones fail.
        fails_ = false;
        spdlog::info("histories: the log works again");
    }
}

// Reading.

template <class Command, class Read>
void HistoryDesk::plan_read(Command&& command, Read read) {
    const auto open = open_.find(*command.group);
    if (open == open_.end()) {  // it was damaged, and the hub is about to hear of it
        reads_.push_back(
            [this, home = command.home,
             answer = core::LogRead{
                 .group = command.group, .read = command.read, .trouble = core::LogTrouble::unavailable}] {
                mail_.send(home, answer);
            });
        return;
    }
    open->second.run_commit = 0;  // what is appended from here on is answered after it
    open->second.read_commit = commit_;
    const auto found = log_->find(*command.group);
    const std::uint64_t up_to = found && *found ? (*found)->last : 0;
    reads_.push_back([this, command = std::move(command), up_to, read] {
        core::LogRead answer{.group = command.group, .read = command.read};
        if (const store::HistoryStatus done = read(command, up_to, answer); !done) {
            answer.trouble = trouble(done.error());
            if (done.error().fault == store::HistoryFault::group_damaged)
                damaged_groups_.push_back(*command.group);
        }
        send_read(command.home, std::move(answer));
    });
}

void HistoryDesk::plan(core::ReadLog&& command) {
    plan_read(std::move(command),
              [this](const core::ReadLog& what, std::uint64_t up_to,
                     core::LogRead& answer) -> store::HistoryStatus {
                  auto records = log_->read(*what.group, what.after, up_to, what.bytes_max);
                  if (!records) return records.error();
                  answer.records = logged(std::move(*records));
                  return std::monostate{};
              });
}

void HistoryDesk::plan(core::ReadLogBackwards&& command) {
    plan_read(std::move(command),
              [this](const core::ReadLogBackwards& what, std::uint64_t up_to,
                     core::LogRead& answer) -> store::HistoryStatus {
                  auto page =
                      log_->read_messages(*what.group, what.before, up_to, what.messages_max, what.bytes_max);
                  if (!page) return page.error();
                  answer.records = logged(std::move(page->list));
                  answer.more = page->more;
                  return std::monostate{};
              });
}

void HistoryDesk::send_read(core::WorkerIndex home, core::ShardMessage answer) {
    bytes_read_ += core::queued_bytes(answer);
    mail_.send(home, std::move(answer));
    if (bytes_read_ < kBytesReadMax) return;
    mail_.hand_over();
    bytes_read_ = 0;
}

std::vector<core::LoggedRecord> HistoryDesk::logged(std::vector<store::HistoryRecord>&& records) const {
    std::vector<core::LoggedRecord> list;
    list.reserve(records.size());
    Users users;
    for (store::HistoryRecord& record : records) {
        list.push_back({.offset = record.offset,
                        .age_ms = age_ms(record.at),
                        .record = {.kind = static_cast<core::LogRecord::Kind>(record.kind),
                                   .user = users[std::move(record.user)],
                                   .cid = cid_of(record.cid),
                                   .data = std::move(record.data),
                                   .key = std::move(record.key)}});
    }
    return list;
}

std::uint64_t HistoryDesk::age_ms(store::UnixMs at) const {
    return static_cast<std::uint64_t>(std::max<store::UnixMs>(0, now_ - at));
}

// What goes wrong.

core::LogTrouble HistoryDesk::trouble(const store::HistoryError& error) {
    switch (error.fault) {
        case store::HistoryFault::group_damaged:
            spdlog::error("histories: {}; the history of that group begins anew", error.message);
            return core::LogTrouble::damaged;
        case store::HistoryFault::damaged:
            return core::LogTrouble::damaged;  // follow_up_damage() says it
        default:
            failed_at_ = now_;
            if (!std::exchange(fails_, true)) spdlog::error("histories: the log fails: {}", error.message);
            return error.fault == store::HistoryFault::disk_full ? core::LogTrouble::full
                                                                 : core::LogTrouble::unavailable;
    }
}

std::optional<store::HistoryPlace> HistoryDesk::begin_anew(const std::string& group) {
    if (const store::HistoryStatus begun = log_->begin(now_); !begun) {
        trouble(begun.error());
        return std::nullopt;
    }
    const auto place = log_->begin_anew(group);
    log_->hold(group, true);  // not to be forgotten in this very commit
    if (const store::HistoryStatus committed = log_->commit(); !committed) {
        trouble(committed.error());
        return std::nullopt;
    }
    if (!place) return std::nullopt;
    return *place;
}

void HistoryDesk::follow_up_damage() {
    for (const std::string& name : std::exchange(damaged_groups_, {})) {
        const auto open = open_.find(name);
        if (open == open_.end()) continue;  // it was read twice
        // If that cannot be written, whoever opens it finds the damage again.
        if (begin_anew(name)) begun_anew_.insert(name);
        log_->hold(name, false);  // until it is opened again
        close_damaged(open->second);
        open_.erase(open);
    }
    if (const auto damage = log_->take_damage()) {
        spdlog::critical("histories: {}", *damage);
        was_damaged_ = true;
        begun_anew_.clear();
        for (const auto& [name, group] : std::exchange(open_, {}))
            close_damaged(group);
    }
}

void HistoryDesk::close_damaged(const OpenGroup& group) {
    mail_.send(
        group.home,
        core::LogOpened{.group = group.name, .number = group.number, .trouble = core::LogTrouble::damaged});
}

}  // namespace pipit::net
