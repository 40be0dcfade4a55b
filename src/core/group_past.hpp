#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <span>

#include "core/group_query.hpp"
#include "core/key_range.hpp"

namespace pipit::core {

/// What the order of groups by users was a little while ago. Pages of one question are pages of one moment,
/// so that a group whose number changes in between is neither met twice nor missed. Remembers only while
/// somebody goes on asking. Owned by one worker.
///
/// A moment is a number that rises with every change; what holds at a moment includes the change of that
/// number.
class GroupPast {
 public:
    /// More changes are not remembered: the oldest go, and with them the moments before them.
    static constexpr std::size_t kChangesMax = 100'000;

    /// `first`: should be another one in every process, so that no moment of an earlier one is taken for
    /// ours.
    explicit GroupPast(std::uint64_t first) : now_(first), oldest_(first) {}

    std::uint64_t now() const { return now_; }
    /// Whether every change since that moment is remembered.
    bool knows(std::uint64_t moment) const { return remembers_ && oldest_ <= moment && moment <= now_; }

    /// Begins to remember, if it does not yet.
    void remember();
    void forget();

    /// A group has changed, or came or went. Returns the moment.
    std::uint64_t change() { return ++now_; }
    /// Call after change(): from `since` until that, the group stood there.
    void leave_behind(std::uint64_t since, GroupKey place);

    /// Where a group stood, until it moved on.
    struct Place {
        GroupKey key;
        std::uint64_t since, until;  ///< moments
        bool was_at(std::uint64_t moment) const { return since <= moment && moment < until; }
    };
    /// Visits them as walk() does, `visit(const Place&)`: all that are remembered, whatever their time.
    template <class Visit>
    void visit(std::span<const KeyRange<GroupKey>> ranges, bool ascending, const GroupKey* after,
               Visit&& visit) const {
        walk(
            ranges, ascending, after, [this](const GroupKey& key) { return places_.lower_bound(key); },
            [this](const GroupKey& key) { return places_.upper_bound(key); }, places_.end(), visit);
    }

 private:
    struct Order {
        using is_transparent = void;
        bool operator()(const Place& a, const Place& b) const {
            return a.key != b.key ? a.key < b.key : a.until < b.until;
        }
        bool operator()(const Place& a, const GroupKey& b) const { return a.key < b; }
        bool operator()(const GroupKey& a, const Place& b) const { return a < b.key; }
    };
    using Places = std::set<Place, Order>;

    bool remembers_ = false;
    std::uint64_t now_;
    std::uint64_t oldest_;
    Places places_;
    std::deque<Places::iterator> order_;  // by `until`
};

}  // namespace pipit::core
