#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace pipit::push {

/// Users who seem to be connected, and whose notifications wait for a sign of that: a user who gives one is
/// not notified, the others are when the time is over. Owned by one thread.
class HeldNotifications {
 public:
    using Id = std::uint64_t;

    explicit HeldNotifications(std::size_t users_max) : users_max_(users_max) {}

    /// Sets room for so many users aside, for one hold() or give_back() to come. False when there is too
    /// little.
    [[nodiscard]] bool reserve(std::size_t users);
    void give_back(std::size_t users);

    /// Waits for these users, who are at least one and not more than was set aside. Neither an id nor, within
    /// it, a user comes twice, and no `until` before that of an earlier call.
    void hold(Id id, const std::vector<std::string>& users, base::Instant until);

    /// A sign of a user. True when it was the last one that was missing: the notification is forgotten.
    /// Nothing happens when the user is not waited for, or no longer.
    bool confirm(Id id, const std::string& user);

    struct Unreached {
        Id id = 0;
        std::vector<std::string> users;  ///< at least one
    };
    /// Those whose time is over at `now`; they are forgotten.
    std::vector<Unreached> expire(base::Instant now);
    /// When expire() has something to do; nothing while nobody is waited for.
    std::optional<base::Instant> next_expiry() const;

    /// Waited for or set aside.
    std::size_t users() const { return users_; }

 private:
    void forget_confirmed();

    const std::size_t users_max_;
    std::unordered_map<Id, std::unordered_set<std::string>> missing_;
    std::deque<std::pair<base::Instant, Id>> expiries_;  // ascending; some may be confirmed already
    std::size_t users_ = 0;
};

}  // namespace pipit::push
