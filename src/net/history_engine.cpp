#include "net/history_engine.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>

#include "base/overloaded.hpp"
#include "net/os.hpp"

namespace pipit::net {
namespace {

// Few groups have as much as their hub wants at most when it opens them.
constexpr std::size_t kUsualOpenBytes = 64 << 10;

/// What it takes while it waits, or will take when the log is opened. What reads will take is not counted:
/// the hubs ask for few pages at a time, which must not keep anybody from posting.
std::size_t waiting_bytes(const core::HistoryCommand& command) {
    const auto of = base::Overloaded{
        [](const core::OpenLog& open) { return std::min<std::size_t>(open.bytes_max, kUsualOpenBytes); },
        [](const core::AppendToLog& append) { return append.record.data.size(); },
        [](const auto&) { return std::size_t{0}; }};
    return sizeof command + std::visit(of, command);
}

/// What is read for it at most, which those that come after it wait for.
std::size_t page_bytes(const core::HistoryCommand& command) {
    const auto of = base::Overloaded{
        [](const core::ReadLog& read) { return static_cast<std::size_t>(read.bytes_max); },
        [](const core::ReadLogBackwards& read) { return static_cast<std::size_t>(read.bytes_max); },
        [](const auto&) { return std::size_t{0}; }};
    return std::visit(of, command);
}

}  // namespace

HistoryEngine::HistoryEngine(const HistoryEngineSettings& settings, std::unique_ptr<store::HistoryLog> log,
                             core::WorkerIndex worker_count, ToWorker to_worker)
    : settings_(settings), mail_(worker_count, std::move(to_worker)), desk_(std::move(log), mail_) {}

HistoryEngine::~HistoryEngine() {
    stop();
}

void HistoryEngine::start() {
    thread_ = std::thread([this] { run(); });
}

void HistoryEngine::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void HistoryEngine::receive(std::vector<core::HistoryCommand> commands) {
    if (commands.empty()) return;
    std::size_t bytes = 0;
    for (const core::HistoryCommand& command : commands)
        bytes += waiting_bytes(command);
    commands_waiting_.fetch_add(commands.size(), std::memory_order_relaxed);
    bytes_waiting_.fetch_add(bytes, std::memory_order_relaxed);
    {
        const std::lock_guard lock(mutex_);
        std::move(commands.begin(), commands.end(), std::back_inserter(received_));
    }
    changed_.notify_one();
}

void HistoryEngine::run() {
    base::Millis patience{0};
    for (;;) {
        std::vector<core::HistoryCommand> commands = next_commands(patience);
        if (!commands.empty()) {
            desk_.carry_out(std::move(commands), unix_ms_now());
            patience = settings_.idle_interval;
        } else {
            {
                const std::lock_guard lock(mutex_);
                if (is_stopping_ && received_.empty()) return;
            }
            // With more to delete it goes on at once, unless somebody asks for something.
            patience = desk_.expire(unix_ms_now()) ? base::Millis{0} : settings_.idle_interval;
        }
        mail_.hand_over();
    }
}

std::vector<core::HistoryCommand> HistoryEngine::next_commands(base::Millis patience) {
    if (next_ == waiting_.size()) {
        waiting_.clear();
        next_ = 0;
        std::unique_lock lock(mutex_);
        // Not wait_for(): of that, ThreadSanitizer does not see that it lets go of the mutex.
        const auto until = std::chrono::system_clock::now() + patience;
        changed_.wait_until(lock, until, [this] { return is_stopping_ || !received_.empty(); });
        waiting_.swap(received_);
    }
    std::vector<core::HistoryCommand> commands;
    std::size_t bytes = 0, pages = 0;
    while (next_ < waiting_.size() && commands.size() < settings_.commands_per_commit_max &&
           bytes + pages < settings_.bytes_per_commit_max) {
        bytes += waiting_bytes(waiting_[next_]);
        pages += page_bytes(waiting_[next_]);
        commands.push_back(std::move(waiting_[next_++]));
    }
    commands_waiting_.fetch_sub(commands.size(), std::memory_order_relaxed);
    bytes_waiting_.fetch_sub(bytes, std::memory_order_relaxed);
    return commands;
}

}  // namespace pipit::net
