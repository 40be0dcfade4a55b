#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "base/time.hpp"
#include "core/ids.hpp"

namespace pipit::core {

/// When which session wants to be looked at. Entries are never moved or removed: activity, which puts
/// deadlines off all the time, stays free of any bookkeeping, and a session that is looked at too early just
/// asks again. Owned by one worker.
class DeadlineQueue {
 public:
    void add(base::Instant when, SessionAddress who) { entries_.push({when, who.slot, who.generation}); }

    /// Calls `look(slot, generation, when)` for every entry whose time has come. `look` may add.
    template <class Look>
    void run(base::Instant now, Look&& look) {
        while (!entries_.empty() && entries_.top().when <= now) {
            const Entry entry = entries_.top();
            entries_.pop();
            look(entry.slot, entry.generation, entry.when);
        }
    }

 private:
    struct Entry {
        base::Instant when;
        std::uint32_t slot, generation;
        friend bool operator>(const Entry& a, const Entry& b) { return a.when > b.when; }
    };
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
};

}  // namespace pipit::core
