#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"

namespace pipit::core {

/// The calls that one session is in, and those that ring at it. Owned by one worker.
///
/// Rings have room of their own, and each user only a little of that: nobody can be kept from calling, or
/// from being called by others, by being called.
class SessionCalls {
 public:
    static constexpr std::size_t kRingsOfOneUserMax = 2;

    bool has(std::string_view call) const {
        return std::ranges::find(calls_, call, &Entry::id) != calls_.end();
    }
    bool has_room(std::size_t calls_max) const { return count_rings(false) < calls_max; }
    bool has_room_for_ring(const std::string& caller, std::size_t calls_max) const {
        const auto of_caller = std::ranges::count_if(
            calls_, [&](const Entry& entry) { return entry.rings_for && *entry.rings_for == caller; });
        return count_rings(true) < calls_max && static_cast<std::size_t>(of_caller) < kRingsOfOneUserMax;
    }
    /// It must not be there yet. `caller` is null unless it rings.
    void add(std::string call, UserId caller = nullptr) {
        calls_.push_back({std::move(call), std::move(caller)});
    }
    /// It does not ring any more; false when it is not there.
    bool take_part(std::string_view call) {
        const auto found = std::ranges::find(calls_, call, &Entry::id);
        if (found == calls_.end()) return false;
        found->rings_for.reset();
        return true;
    }
    bool remove(std::string_view call) {
        return std::erase_if(calls_, [&](const Entry& entry) { return entry.id == call; }) > 0;
    }
    bool empty() const { return calls_.empty(); }
    std::vector<std::string> ids() const {
        std::vector<std::string> ids;
        for (const Entry& entry : calls_)
            ids.push_back(entry.id);
        return ids;
    }

 private:
    struct Entry {
        std::string id;
        UserId rings_for;  // null: it does not ring
    };
    std::size_t count_rings(bool rings) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            calls_, [&](const Entry& entry) { return (entry.rings_for != nullptr) == rings; }));
    }

    std::vector<Entry> calls_;
};

}  // namespace pipit::core
