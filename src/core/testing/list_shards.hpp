#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/encoded_event.hpp"
#include "core/group_home.hpp"
#include "core/group_search.hpp"
#include "core/lists.hpp"
#include "core/testing/seeded_random.hpp"

namespace pipit::core {

/// What answers questions about groups and members, on several workers and without sessions around it.
class ListShards {
 public:
    ListShards(WorkerIndex worker_count, std::size_t page_bytes_max, SeededRandom& random);

    void join(const std::string& group, const UserId& user, const Cid& cid);
    void leave(const std::string& group, const UserId& user, const Cid& cid);

    /// A `groups` or `users` command, as one of the workers is asked it. `meanwhile` is called before each
    /// step on the way to the answer.
    Answer ask(
        const std::string& command, const Visibility& visibility,
        const std::function<void()>& meanwhile = [] {});

    void pass(base::Millis time);

 private:
    struct Shard final : ShardPort, LogPort {
        Shard(ListShards& all, WorkerIndex self, WorkerIndex worker_count, std::size_t page_bytes_max);
        void send(WorkerIndex to, ShardMessage message) override;
        void send_last(WorkerIndex to, ShardMessage message) override { send(to, std::move(message)); }
        bool is_congested(WorkerIndex) const override { return false; }
        WorkerIndex home_of(std::string_view name) const override { return all_.home_of(name); }
        void ask_log(HistoryCommand) override {}
        bool is_log_congested() const override { return false; }
        WorkerIndex home_of(const Cid&) const override { return 0; }

        ListShards& all_;
        EventEncoder encoder{{}};
        StreamKeeper keeper{{}};
        PostAnswers answers;
        GroupHome groups;
        GroupSearch search;
        Lists lists;
    };

    WorkerIndex home_of(std::string_view name) const {
        return static_cast<WorkerIndex>(home_hash(name) % shards_.size());
    }
    void deliver(WorkerIndex to, ShardMessage&& message);

    SeededRandom& random_;
    base::Instant now_{};
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::pair<WorkerIndex, ShardMessage>> under_way_;
    std::optional<Answer> answer_;
};

}  // namespace pipit::core
