#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "core/group_log.hpp"

namespace pipit::core {

/// The pages that the groups of one worker have read from disk: few at a time, since the worker has each of
/// them in memory, and a post to any durable group waits on the disk for those that were asked for before it.
/// The others wait here.
class LogReads {
 public:
    static constexpr std::size_t kAtOnceMax = 8;
    static constexpr std::size_t kWaitingMax = 1'024;

    explicit LogReads(LogPort& log) : log_(log) {}

    /// Nothing more may be asked.
    bool is_full() const { return waiting_.size() >= kWaitingMax; }
    /// A number that no other read of this worker has.
    std::uint64_t next_number() { return ++last_number_; }
    /// A ReadLog or ReadLogBackwards.
    void ask(HistoryCommand read) {
        if (unanswered_ == kAtOnceMax) {
            waiting_.push_back(std::move(read));
        } else {
            ++unanswered_;
            log_.ask_log(std::move(read));
        }
    }
    /// One of them was answered: the next has its turn.
    void answered() {
        --unanswered_;
        if (waiting_.empty()) return;
        HistoryCommand next = std::move(waiting_.front());
        waiting_.pop_front();
        ask(std::move(next));
    }

 private:
    LogPort& log_;
    std::uint64_t last_number_ = 0;
    std::size_t unanswered_ = 0;
    std::deque<HistoryCommand> waiting_;
};

}  // namespace pipit::core
