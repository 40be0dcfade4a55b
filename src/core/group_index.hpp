#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <boost/intrusive/set.hpp>

#include "core/group.hpp"
#include "core/group_past.hpp"
#include "core/group_query.hpp"
#include "core/name_map.hpp"

namespace pipit::core {

/// The groups of one worker in order, by name and by number of users, each of which is found, moved and
/// walked from in logarithmic time. Does not own them. Owned by one worker.
class GroupIndex {
 public:
    /// How many groups are passed over for one page, since the asker may not see them or they have changed:
    /// an asker who may see few of many must not keep the others waiting. Divided by the number of patterns
    /// that each is held against.
    static constexpr std::size_t kPassedOverMax = 5'000;
    /// An asker who may see not more than so many gets them in the order by users, too, without a look at the
    /// others.
    static constexpr std::size_t kFewGroupsMax = 1'000;

    /// `first_moment`: of its GroupPast.
    explicit GroupIndex(std::uint64_t first_moment = 0) : past_(first_moment) {}

    /// Where a user's connections are: without a look at the groups of others.
    void add_user(std::string_view user, Group& group);
    void remove_user(std::string_view user, Group& group);

    /// The group must not be in the index, and must leave it before it is destroyed.
    void add(Group& group);
    void remove(Group& group);
    /// Members came or went.
    void update(Group& group);

    /// The first groups of the question behind `after` (null: from the beginning), at most as many as it
    /// wants. In the order by users as they were at the moment `as_of`, if past() knows it.
    GroupPage page(const GroupQuery& query, const GroupKey* after,
                   std::optional<std::uint64_t> as_of = std::nullopt) const;

    const GroupPast& past() const { return past_; }
    GroupPast& past() { return past_; }

 private:
    struct NameOrder {
        bool operator()(const Group& a, const Group& b) const { return *a.name < *b.name; }
        bool operator()(const Group& a, const GroupKey& b) const { return *a.name < b.name; }
        bool operator()(const GroupKey& a, const Group& b) const { return a.name < *b.name; }
    };
    struct UsersOrder {
        static bool less(std::size_t users, std::string_view name, std::size_t other_users,
                         std::string_view other_name) {
            return users != other_users ? users < other_users : name < other_name;
        }
        bool operator()(const Group& a, const Group& b) const {
            return less(a.indexed_users, *a.name, b.indexed_users, *b.name);
        }
        bool operator()(const Group& a, const GroupKey& b) const {
            return less(a.indexed_users, *a.name, b.users, b.name);
        }
        bool operator()(const GroupKey& a, const Group& b) const {
            return less(a.users, a.name, b.indexed_users, *b.name);
        }
    };
    template <class Tag, class Order>
    using Set = boost::intrusive::set<Group, boost::intrusive::base_hook<GroupHook<Tag>>,
                                      boost::intrusive::compare<Order>>;

    /// Whether it may stay where it is in the order by users.
    bool is_in_place(const Group& group, std::size_t users) const;

    /// Of the groups that stand where they stand since `as_of` at least.
    template <class Groups, class Order>
    static GroupPage page_of(const Groups& groups, Order order, std::span<const KeyRange<GroupKey>> ranges,
                             const GroupQuery& query, const GroupKey* after, std::uint64_t as_of);
    /// Groups that the asker may perhaps see, if they are few: in no order, and also some that do not fit.
    std::optional<std::vector<const Group*>> few_visible(const GroupQuery& query) const;
    GroupPage page_of_few(const std::vector<const Group*>& groups, const GroupQuery& query,
                          const GroupKey* after, std::uint64_t as_of) const;
    /// Of those that have moved on since, where they stood then; up to `until` only, if it is given.
    GroupPage page_of_past(const GroupQuery& query, const GroupKey* after, std::uint64_t as_of,
                           const std::optional<GroupKey>& until) const;

    Set<ByName, NameOrder> by_name_;
    Set<ByUsers, UsersOrder> by_users_;
    GroupPast past_;
    NameMap<std::vector<Group*>> by_user_;
};

}  // namespace pipit::core
