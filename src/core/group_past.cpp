#include "core/group_past.hpp"

#include <algorithm>
#include <utility>

namespace pipit::core {
namespace {
constexpr std::size_t kFreedAtOnce = 2'000;
}

void GroupPast::remember() {
    if (std::exchange(remembers_, true)) return;
    oldest_ = now_;
}

void GroupPast::forget() {
    remembers_ = false;
    for (std::size_t i = 0; i < kFreedAtOnce && !order_.empty(); ++i)
        free_oldest();
}

void GroupPast::leave_behind(std::uint64_t since, GroupKey place) {
    // Nobody asks for groups without users: they do not exist.
    if (!remembers_ || place.users == 0) return;
    if (order_.size() == kChangesMax) {
        oldest_ = std::max(oldest_, order_.front()->until);
        free_oldest();
    }
    order_.push_back(stays_.insert({std::move(place), since, now_}).first);
    by_name_.insert(order_.back());
}

std::optional<std::uint64_t> GroupPast::users_at(std::uint64_t moment, std::string_view group) const {
    const auto found = by_name_.upper_bound(NameEnd{group, moment});
    if (found == by_name_.end() || (*found)->place.name != group || (*found)->since > moment)
        return std::nullopt;
    return (*found)->place.users;
}

void GroupPast::free_oldest() {
    by_name_.erase(order_.front());
    stays_.erase(order_.front());
    order_.pop_front();
}

}  // namespace pipit::core
