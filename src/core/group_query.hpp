#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/pipit_v1.hpp"
#include "core/access.hpp"
#include "core/key_range.hpp"

namespace pipit::core {

/// A place in an order of groups. In the order by name `users` is 0 everywhere.
struct GroupKey {
    std::uint64_t users = 0;
    std::string name;
    friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

/// A question about groups in the form in which it is carried out: an order, the stretches of it that fit,
/// and what of that the asker may see. Never changed once made.
struct GroupQuery {
    codec::v1::ListGroups::By by = codec::v1::ListGroups::By::name;
    std::vector<KeyRange<GroupKey>> ranges;
    /// In the order by name, where all groups are that the asker may see; with others between them.
    std::vector<KeyRange<GroupKey>> visible;
    bool ascending = true;
    std::uint32_t limit = 50;
    Visibility visibility;

    static GroupQuery of(const codec::v1::ListGroups& list, Visibility visibility);

    GroupKey key_of(const codec::v1::GroupRow& row) const {
        return {by == codec::v1::ListGroups::By::name ? 0 : row.number_of_users, row.group};
    }
    bool is_in_ranges(const GroupKey& key) const;
    /// Whether `a` comes before `b` on a walk.
    bool is_before(const GroupKey& a, const GroupKey& b) const { return ascending ? a < b : b < a; }
    /// What the question is, `limit` left out: equal for two that a cursor may be carried between.
    std::string fingerprint() const;
};

/// Where a walk goes on.
struct GroupPlace : GroupKey {
    /// By worker, the moment (GroupPast) that the walk in the order by number is a walk of; empty: of now.
    std::vector<std::uint64_t> as_of = {};
};

/// What was found for such a question.
struct GroupPage {
    codec::v1::GroupRows rows;  ///< in the order of the walk, at most as many as were wanted
    /// All that stands at or before it was looked at, and more may follow; nothing: there is no more.
    std::optional<GroupKey> looked_at_until = {};
};

/// The first groups of two pages that were found in different places for one question.
GroupPage merge(const GroupQuery& query, GroupPage a, GroupPage b);

}  // namespace pipit::core
