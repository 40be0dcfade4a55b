#pragma once

#include <string_view>

#include <boost/intrusive/set.hpp>

#include "core/group.hpp"
#include "core/group_query.hpp"

namespace pipit::core {

/// The groups of one worker in order, by name and by number of users, each of which is found, moved and
/// walked from in logarithmic time. Does not own them. Owned by one worker.
class GroupIndex {
 public:
    /// How many groups that the asker may not see are passed over for one page: an asker who may see few of
    /// many must not keep the others waiting.
    static constexpr std::size_t kHiddenGroupsMax = 5'000;

    /// The group must not be in the index, and must leave it before it is destroyed.
    void add(Group& group);
    void remove(Group& group);
    /// Members came or went.
    void update(Group& group);

    /// The first groups of the question behind `after` (null: from the beginning), at most as many as it
    /// wants.
    GroupPage page(const GroupQuery& query, const GroupKey* after) const;

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

    template <class Groups, class Order>
    static GroupPage page_of(const Groups& groups, Order order, const GroupQuery& query,
                             const GroupKey* after);

    Set<ByName, NameOrder> by_name_;
    Set<ByUsers, UsersOrder> by_users_;
};

}  // namespace pipit::core
