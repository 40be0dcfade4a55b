#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/history_command.hpp"
#include "core/testing/hub_mesh.hpp"
#include "core/testing/seeded_random.hpp"

namespace pipit::core {

/// Stands for whoever keeps histories on disk: what was answered outlives the hubs, what was not may be lost.
/// It does what it is told to, whenever it is told to, and can be out of room, out of order, or damaged.
class FakeLog {
 public:
    explicit FakeLog(std::uint64_t seed) : random_(seed) {}

    /// After each turn of a worker. `now` is the time of this turn.
    void take_from(HubMesh& mesh, WorkerIndex worker, base::Instant now);
    bool idle() const { return waiting_.empty(); }
    std::size_t waiting() const { return waiting_.size(); }
    /// Carries out what was asked first, up to `count` things in one commit, and answers; false when there is
    /// nothing to do.
    bool carry_out(HubMesh& mesh, std::size_t count);
    /// The process has died: what was asked and not carried out is lost, or has been carried out and nobody
    /// knows.
    void crash();

    /// Until it is told otherwise: why it does not write.
    void fail_writes(LogTrouble trouble) { write_trouble_ = trouble; }
    /// Until it is told otherwise: why it does not read, nor open.
    void fail_reads(LogTrouble trouble) { read_trouble_ = trouble; }
    /// The group begins anew, and its hub is told unless it does not have it open.
    void damage(HubMesh& mesh, const std::string& group);
    /// From now on the group has no records before that offset.
    void forget_before(const std::string& group, std::uint64_t offset) { groups_.at(group).first = offset; }

    std::uint64_t last_offset(const std::string& group) const { return groups_.at(group).offset(); }

 private:
    struct Kept {
        LogRecord record;
        base::Instant at;
    };
    struct Group {
        std::string epoch;
        std::vector<Kept> records;  // from offset 1
        std::uint64_t first = 1;
        bool is_open = false, was_damaged = false;
        WorkerIndex home = 0;
        GroupName name;
        std::uint64_t number = 0;
        std::uint64_t offset() const { return records.size(); }
    };
    using Answer = std::pair<WorkerIndex, ShardMessage>;

    void carry_out(OpenLog&& command, std::vector<Answer>& answers);
    void carry_out(AppendToLog&& command, std::vector<Answer>& answers);
    void carry_out(ReadLog&& command, std::vector<Answer>& answers);
    void carry_out(ReadLogBackwards&& command, std::vector<Answer>& answers);
    void carry_out(CloseLog&& command, std::vector<Answer>& answers);
    Group& group(const std::string& name);
    LoggedRecord logged(const Group& group, std::uint64_t offset) const;
    std::uint64_t age_ms(base::Instant at) const { return static_cast<std::uint64_t>((now_ - at).count()); }

    SeededRandom random_;
    std::map<std::string, Group> groups_;
    std::deque<HistoryCommand> waiting_;
    base::Instant now_{};
    LogTrouble write_trouble_ = LogTrouble::none, read_trouble_ = LogTrouble::none;
};

}  // namespace pipit::core
