#include "core/testing/fake_log.hpp"

#include <algorithm>

namespace pipit::core {

void FakeLog::take_from(HubMesh& mesh, WorkerIndex worker, base::Instant now) {
    now_ = now;
    for (HistoryCommand& command : std::exchange(mesh.hub(worker).effects().history, {}))
        waiting_.push_back(std::move(command));
}

bool FakeLog::carry_out(HubMesh& mesh, std::size_t count) {
    std::vector<Answer> answers;
    const bool any = !waiting_.empty() && count > 0;
    for (; count > 0 && !waiting_.empty(); --count) {
        HistoryCommand command = std::move(waiting_.front());
        waiting_.pop_front();
        std::visit([&](auto& what) { carry_out(std::move(what), answers); }, command);
    }
    for (auto& [worker, answer] : answers)
        mesh.hub(worker).handle(std::move(answer));
    return any;
}

void FakeLog::crash() {
    std::vector<Answer> answers;
    for (std::uint64_t done = random_.below(waiting_.size() + 1); done > 0; --done) {
        std::visit([&](auto& what) { carry_out(std::move(what), answers); }, waiting_.front());
        waiting_.pop_front();
    }
    waiting_.clear();
    for (auto& [name, group] : groups_)
        group.is_open = false;
}

void FakeLog::damage(HubMesh& mesh, const std::string& name) {
    Group& damaged = group(name);
    const bool was_open = std::exchange(damaged.is_open, false);
    const GroupName told = damaged.name;
    const WorkerIndex home = damaged.home;
    const std::uint64_t number = damaged.number;
    groups_.erase(name);
    group(name).was_damaged = true;
    if (was_open)
        mesh.hub(home).handle(LogOpened{.group = told, .number = number, .trouble = LogTrouble::damaged});
}

FakeLog::Group& FakeLog::group(const std::string& name) {
    Group& group = groups_[name];
    if (group.epoch.empty()) group.epoch = "e" + std::to_string(random_.below(1'000'000));
    return group;
}

LoggedRecord FakeLog::logged(const Group& group, std::uint64_t offset) const {
    const Kept& kept = group.records[offset - 1];
    return {offset, age_ms(kept.at), kept.record};
}

void FakeLog::carry_out(OpenLog&& command, std::vector<Answer>& answers) {
    LogOpened opened{.group = command.group, .number = command.number, .trouble = read_trouble_};
    if (read_trouble_ == LogTrouble::none) {
        Group& group = this->group(*command.group);
        group.is_open = true;
        group.home = command.home;
        group.name = command.group;
        group.number = command.number;
        opened.trouble = group.was_damaged ? LogTrouble::damaged : LogTrouble::none;
        opened.epoch = group.epoch;
        opened.offset = group.offset();
        opened.first = group.first;
        const std::uint64_t newest = std::min(command.records_max, opened.offset + 1 - opened.first);
        for (std::uint64_t offset = opened.offset + 1 - newest; offset <= opened.offset; ++offset)
            opened.newest.push_back(logged(group, offset));
        for (std::uint64_t offset = opened.first; offset <= opened.offset; ++offset) {
            const Kept& kept = group.records[offset - 1];
            if (!kept.record.key.empty() && now_ - kept.at < command.key_window)
                opened.keys.push_back({kept.record.user, kept.record.key, offset, age_ms(kept.at)});
        }
    }
    answers.emplace_back(command.home, std::move(opened));
}

void FakeLog::carry_out(AppendToLog&& command, std::vector<Answer>& answers) {
    Group& group = this->group(*command.group);
    if (!group.is_open) return;
    LogAppended appended{.group = command.group, .count = 1, .trouble = write_trouble_};
    if (write_trouble_ == LogTrouble::none) {
        group.records.push_back({std::move(command.record), now_});
        appended.offset = group.offset();
    }
    // One answer for what stands one behind the other.
    auto* last = answers.empty() ? nullptr : std::get_if<LogAppended>(&answers.back().second);
    if (last != nullptr && last->group == appended.group) {
        ++last->count;
    } else {
        answers.emplace_back(command.home, std::move(appended));
    }
}

void FakeLog::carry_out(ReadLog&& command, std::vector<Answer>& answers) {
    const Group& group = this->group(*command.group);
    LogRead read{.group = command.group,
                 .read = command.read,
                 .trouble = group.is_open ? read_trouble_ : LogTrouble::unavailable};
    std::size_t bytes = 0;
    for (std::uint64_t offset = std::max(group.first, command.after + 1);
         read.trouble == LogTrouble::none && offset <= group.offset(); ++offset) {
        bytes += group.records[offset - 1].record.data.size();
        if (bytes > command.bytes_max && !read.records.empty()) break;
        read.records.push_back(logged(group, offset));
    }
    answers.emplace_back(command.home, std::move(read));
}

void FakeLog::carry_out(ReadLogBackwards&& command, std::vector<Answer>& answers) {
    const Group& group = this->group(*command.group);
    LogRead read{.group = command.group,
                 .read = command.read,
                 .trouble = group.is_open ? read_trouble_ : LogTrouble::unavailable};
    std::size_t bytes = 0;
    for (std::uint64_t offset = std::min(group.offset() + 1, command.before);
         read.trouble == LogTrouble::none && offset-- > group.first;) {
        const LogRecord& record = group.records[offset - 1].record;
        if (record.kind != LogRecord::Kind::message) continue;
        bytes += record.data.size();
        read.more = read.records.size() == command.messages_max ||
                    (bytes > command.bytes_max && !read.records.empty());
        if (read.more) break;
        read.records.push_back(logged(group, offset));
    }
    std::ranges::reverse(read.records);
    answers.emplace_back(command.home, std::move(read));
}

void FakeLog::carry_out(CloseLog&& command, std::vector<Answer>&) {
    group(*command.group).is_open = false;
}

}  // namespace pipit::core
