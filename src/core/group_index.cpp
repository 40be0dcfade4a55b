#include "core/group_index.hpp"

#include <iterator>

namespace pipit::core {

void GroupIndex::add(Group& group) {
    group.indexed_users = group.members.user_count();
    by_name_.insert(group);
    by_users_.insert(group);
}

void GroupIndex::remove(Group& group) {
    by_name_.erase(by_name_.iterator_to(group));
    by_users_.erase(by_users_.iterator_to(group));
}

void GroupIndex::update(Group& group) {
    const std::size_t users = group.members.user_count();
    if (users == group.indexed_users) return;
    const bool stays = is_in_place(group, users);
    if (!stays) by_users_.erase(by_users_.iterator_to(group));
    group.indexed_users = users;
    if (!stays) by_users_.insert(group);
}

bool GroupIndex::is_in_place(const Group& group, std::size_t users) const {
    const auto at = by_users_.iterator_to(group);
    if (at != by_users_.begin()) {
        const Group& before = *std::prev(at);
        if (!UsersOrder::less(before.indexed_users, *before.name, users, *group.name)) return false;
    }
    const auto next = std::next(at);
    return next == by_users_.end() || UsersOrder::less(users, *group.name, next->indexed_users, *next->name);
}

GroupPage GroupIndex::page(const GroupQuery& query, const GroupKey* after) const {
    return query.by == codec::v1::ListGroups::By::name ? page_of(by_name_, NameOrder{}, query, after)
                                                       : page_of(by_users_, UsersOrder{}, query, after);
}

template <class Groups, class Order>
GroupPage GroupIndex::page_of(const Groups& groups, Order order, const GroupQuery& query,
                              const GroupKey* after) {
    GroupPage page;
    std::size_t hidden = 0;
    const Group* last = nullptr;
    const auto visit = [&](const Group& group) {
        if (page.rows.size() == query.limit || hidden == kHiddenGroupsMax) {
            page.looked_at_until = query.key_of({*last->name, last->indexed_users});
            return false;
        }
        last = &group;
        if (query.visibility.allows(*group.name,
                                    [&](std::string_view user) { return group.members.has_user(user); })) {
            page.rows.push_back({*group.name, group.indexed_users});
        } else {
            ++hidden;
        }
        return true;
    };
    walk<GroupKey>(
        query.ranges, query.ascending, after,
        [&](const GroupKey& key) { return groups.lower_bound(key, order); },
        [&](const GroupKey& key) { return groups.upper_bound(key, order); }, groups.end(), visit);
    return page;
}

}  // namespace pipit::core
