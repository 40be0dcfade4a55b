#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace pipit::core {

/// The notifications that will not be needed once one connection has got what was sent to it so far. A client
/// answers each heartbeat, in order, so the answer to one that was sent later tells that. Owned by one
/// worker.
class Arrivals {
 public:
    /// More are not waited for: the connection counts as one that does not answer.
    static constexpr std::size_t kWaitingMax = 64;

    bool has_room() const { return waiting_.size() < kWaitingMax; }
    bool empty() const { return waiting_.empty(); }
    /// Waits for the answer to the last of those heartbeats that have none. There must be room.
    void expect(std::uint64_t notification, std::size_t heartbeats_unanswered) {
        waiting_.emplace_back(answered_ + heartbeats_unanswered, notification);
    }
    /// One more heartbeat was answered; `each(std::uint64_t notification)`.
    template <class Each>
    void on_answer(Each&& each) {
        ++answered_;
        for (; !waiting_.empty() && waiting_.front().first <= answered_; waiting_.pop_front())
            each(waiting_.front().second);
    }

 private:
    std::uint64_t answered_ = 0;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> waiting_;  // which answer, for which notification
};

}  // namespace pipit::core
