#pragma once

#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "core/session.hpp"

namespace pipit::core {

/// The sessions of one worker, found by address in constant time. Slots are used again, each time under a new
/// generation. Owned by one worker.
class SessionTable {
 public:
    explicit SessionTable(WorkerIndex worker) : worker_(worker) {}

    /// `make(SessionAddress)` returns the session for that address.
    template <class Make>
    Session& add(Make&& make) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(entries_.size()));
            entries_.emplace_back();
        }
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        Entry& entry = entries_[slot];
        entry.session = make(SessionAddress{slot, entry.generation, worker_});
        ++size_;
        return *entry.session;
    }

    /// Null once that session has gone.
    Session* find(std::uint32_t slot, std::uint32_t generation) {
        Entry& entry = entries_[slot];
        return entry.generation == generation ? entry.session.get() : nullptr;
    }
    Session* find(SessionAddress address) {
        PIPIT_ASSERT(address.worker == worker_);
        return find(address.slot, address.generation);
    }

    void remove(SessionAddress address) {
        PIPIT_ASSERT(find(address) != nullptr);
        Entry& entry = entries_[address.slot];
        entry.session.reset();
        ++entry.generation;
        free_.push_back(address.slot);
        --size_;
    }

    std::size_t size() const { return size_; }

    /// Calls `each(Session&)` for every session; `each` must not add or remove.
    template <class Each>
    void for_each(Each&& each) {
        for (Entry& entry : entries_) {
            if (entry.session) each(*entry.session);
        }
    }

 private:
    struct Entry {
        std::unique_ptr<Session> session;
        std::uint32_t generation = 0;
    };
    WorkerIndex worker_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
};

}  // namespace pipit::core
