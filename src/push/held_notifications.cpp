#include "push/held_notifications.hpp"

#include "base/assert.hpp"

namespace pipit::push {

bool HeldNotifications::reserve(std::size_t users) {
    if (users > users_max_ - users_) return false;
    users_ += users;
    return true;
}

void HeldNotifications::give_back(std::size_t users) {
    PIPIT_ASSERT(users <= users_);
    users_ -= users;
}

void HeldNotifications::hold(Id id, const std::vector<std::string>& users, base::Instant until) {
    PIPIT_ASSERT(!users.empty() && (expiries_.empty() || until >= expiries_.back().first));
    const bool is_new = missing_.try_emplace(id, users.begin(), users.end()).second;
    PIPIT_ASSERT(is_new);
    expiries_.emplace_back(until, id);
}

bool HeldNotifications::confirm(Id id, const std::string& user) {
    const auto held = missing_.find(id);
    if (held == missing_.end() || held->second.erase(user) == 0) return false;
    --users_;
    if (!held->second.empty()) return false;
    missing_.erase(held);
    forget_confirmed();
    return true;
}

std::vector<HeldNotifications::Unreached> HeldNotifications::expire(base::Instant now) {
    std::vector<Unreached> expired;
    while (!expiries_.empty() && expiries_.front().first <= now) {
        const auto held = missing_.find(expiries_.front().second);
        expiries_.pop_front();
        if (held == missing_.end()) continue;
        users_ -= held->second.size();
        expired.push_back({held->first, {held->second.begin(), held->second.end()}});
        missing_.erase(held);
    }
    return expired;
}

std::optional<base::Instant> HeldNotifications::next_expiry() const {
    return expiries_.empty() ? std::nullopt : std::optional(expiries_.front().first);
}

/// As a rule the oldest is confirmed first, so that few remain behind one that is not.
void HeldNotifications::forget_confirmed() {
    while (!expiries_.empty() && !missing_.contains(expiries_.front().second))
        expiries_.pop_front();
}

}  // namespace pipit::push
