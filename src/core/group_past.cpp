#include "core/group_past.hpp"

#include <utility>

namespace pipit::core {

void GroupPast::remember() {
    if (std::exchange(remembers_, true)) return;
    oldest_ = now_;
}

void GroupPast::forget() {
    remembers_ = false;
    order_.clear();
    places_.clear();
}

void GroupPast::leave_behind(std::uint64_t since, GroupKey place) {
    if (!remembers_) return;
    if (order_.size() == kChangesMax) {
        oldest_ = order_.front()->until;
        places_.erase(order_.front());
        order_.pop_front();
    }
    order_.push_back(places_.insert({std::move(place), since, now_}).first);
}

}  // namespace pipit::core
