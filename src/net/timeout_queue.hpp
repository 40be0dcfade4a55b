#pragma once

#include <deque>
#include <memory>

#include "base/time.hpp"

namespace pipit::net {

/// Calls back after one fixed length of time; who has gone by then is skipped. Owned by one worker.
template <class T>
class TimeoutQueue {
 public:
    explicit TimeoutQueue(base::Millis timeout) : timeout_(timeout) {}

    void add(std::weak_ptr<T> who, base::Instant now) {
        entries_.push_back({now + timeout_, std::move(who)});
    }

    /// Calls `expired(T&)` for each one whose time is over.
    template <class Expired>
    void run(base::Instant now, Expired&& expired) {
        while (!entries_.empty() && entries_.front().when <= now) {
            const std::shared_ptr<T> who = entries_.front().who.lock();
            entries_.pop_front();
            if (who) expired(*who);
        }
    }

 private:
    struct Entry {
        base::Instant when;
        std::weak_ptr<T> who;
    };
    base::Millis timeout_;
    std::deque<Entry> entries_;
};

}  // namespace pipit::net
