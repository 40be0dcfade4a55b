#pragma once

#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string_view>

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
    /// Knows no moment any more, and frees some of what it remembered: call it until that is all gone, so
    /// that no call takes long.
    void forget();

    /// A group has changed, or came or went. Returns the moment.
    std::uint64_t change() { return ++now_; }
    /// Call after change(): from `since` until that, the group stood there.
    void leave_behind(std::uint64_t since, GroupKey place);

    /// How many users the group had at that moment, and has not any more; nothing if it has not changed
    /// since, or did not exist.
    std::optional<std::uint64_t> users_at(std::uint64_t moment, std::string_view group) const;

    /// Visits the places at which groups stood at that moment and do not any more, as walk() does;
    /// `visit(const GroupKey&, bool stood)` is called once for each place that is remembered, and whoever
    /// stood there.
    template <class Visit>
    void visit(std::uint64_t moment, std::span<const KeyRange<GroupKey>> ranges, bool ascending,
               const GroupKey* after, Visit&& visit) const {
        walk(
            ranges, ascending, after,
            [this](const GroupKey& key) {
                return Step{&stays_, stays_.lower_bound(key)};
            },
            [this](const GroupKey& key) {
                return Step{&stays_, stays_.upper_bound(key)};
            },
            Step{&stays_, stays_.end()},
            [&](const GroupKey& place) {
                // Of all stays there, the first that ended after the moment.
                const auto stay = stays_.upper_bound(StayEnd{place, moment});
                return visit(place, stay != stays_.end() && stay->place == place && stay->since <= moment);
            });
    }

 private:
    /// A group stood there from one moment until another.
    struct Stay {
        GroupKey place;
        std::uint64_t since, until;
    };
    struct StayEnd {
        const GroupKey& place;
        std::uint64_t until;
    };
    struct Order {
        using is_transparent = void;
        bool operator()(const StayEnd& a, const Stay& b) const {
            return a.place != b.place ? a.place < b.place : a.until < b.until;
        }
        bool operator()(const Stay& a, const Stay& b) const { return (*this)(StayEnd{a.place, a.until}, b); }
        bool operator()(const Stay& a, const GroupKey& b) const { return a.place < b; }
        bool operator()(const GroupKey& a, const Stay& b) const { return a < b.place; }
    };
    using Stays = std::set<Stay, Order>;

    struct NameEnd {
        std::string_view name;
        std::uint64_t until;
    };
    struct NameOrder {
        using is_transparent = void;
        bool operator()(const NameEnd& a, const NameEnd& b) const {
            return a.name != b.name ? a.name < b.name : a.until < b.until;
        }
        static NameEnd end_of(Stays::const_iterator stay) { return {stay->place.name, stay->until}; }
        bool operator()(Stays::const_iterator a, Stays::const_iterator b) const {
            return (*this)(end_of(a), end_of(b));
        }
        bool operator()(const NameEnd& a, Stays::const_iterator b) const { return (*this)(a, end_of(b)); }
        bool operator()(Stays::const_iterator a, const NameEnd& b) const { return (*this)(end_of(a), b); }
    };

    /// Goes from place to place, however often groups have stood there.
    struct Step {
        const Stays* stays;
        Stays::const_iterator at;
        const GroupKey& operator*() const { return at->place; }
        Step& operator++() {
            at = stays->upper_bound(at->place);
            return *this;
        }
        Step& operator--() {
            at = stays->lower_bound(std::prev(at)->place);
            return *this;
        }
        friend bool operator==(const Step&, const Step&) = default;
    };

    void free_oldest();

    bool remembers_ = false;
    std::uint64_t now_;
    std::uint64_t oldest_;
    Stays stays_;
    std::set<Stays::const_iterator, NameOrder> by_name_;
    std::deque<Stays::const_iterator> order_;  // by `until`
};

}  // namespace pipit::core
