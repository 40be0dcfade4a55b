#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "core/history_command.hpp"
#include "net/history_desk.hpp"
#include "net/shard_mail.hpp"
#include "store/history_log.hpp"

namespace pipit::net {

struct HistoryEngineSettings {
    /// What waits longer than a commit takes shares the next one, up to so much: it is answered together.
    std::size_t commands_per_commit_max = 2'048;
    std::size_t bytes_per_commit_max = 4 << 20;
    /// With more than that waiting, nothing more should be asked.
    std::size_t commands_waiting_max = 16'384;
    std::size_t bytes_waiting_max = 16 << 20;
    /// How often it looks for what has become too old while nobody asks for anything.
    base::Millis idle_interval{1'000};
};

/// Keeps the histories of durable groups for all hubs, on a thread of its own, which is the one that waits
/// for the disk. What commands want written shares a commit with all that waits.
class HistoryEngine {
 public:
    /// Takes messages to the hub of a worker. Called on the engine's thread; must not block.
    using ToWorker = ShardMail::ToWorker;

    HistoryEngine(const HistoryEngineSettings& settings, std::unique_ptr<store::HistoryLog> log,
                  core::WorkerIndex worker_count, ToWorker to_worker);
    /// Like stop().
    ~HistoryEngine();
    HistoryEngine(const HistoryEngine&) = delete;
    HistoryEngine& operator=(const HistoryEngine&) = delete;

    void start();

    /// Any thread. Before start() they wait; after stop() nobody answers.
    void receive(std::vector<core::HistoryCommand> commands);
    /// So much waits that nothing more should be asked. Any thread.
    bool is_congested() const {
        return commands_waiting_.load(std::memory_order_relaxed) > settings_.commands_waiting_max ||
               bytes_waiting_.load(std::memory_order_relaxed) > settings_.bytes_waiting_max;
    }

    /// Carries out and answers what was received, and joins the thread. May be called twice.
    void stop();

 private:
    void run();
    /// What waits, up to what fits into one commit. Empty: nothing came for `patience`, or it is time to end.
    std::vector<core::HistoryCommand> next_commands(base::Millis patience);

    const HistoryEngineSettings settings_;
    ShardMail mail_;
    HistoryDesk desk_;  // the thread's own

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<core::HistoryCommand> received_;
    bool is_stopping_ = false;
    std::vector<core::HistoryCommand> waiting_;  // the thread's own: taken from received_, from next_ on
    std::size_t next_ = 0;
    std::atomic<std::size_t> commands_waiting_ = 0;
    std::atomic<std::size_t> bytes_waiting_ = 0;

    std::thread thread_;
};

}  // namespace pipit::net
