#include "core/group_index.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pipit::core {

void GroupIndex::add(Group& group) {
    group.indexed_users = group.members.user_count();
    group.indexed_since = past_.change();
    by_name_.insert(group);
    by_users_.insert(group);
}

void GroupIndex::remove(Group& group) {
    past_.change();
    by_name_.erase(by_name_.iterator_to(group));
    by_users_.erase(by_users_.iterator_to(group));
}

void GroupIndex::update(Group& group) {
    const std::size_t users = group.members.user_count();
    if (users == group.indexed_users) return;
    const std::uint64_t since = std::exchange(group.indexed_since, past_.change());
    past_.leave_behind(since, {group.indexed_users, *group.name});
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

namespace {

/// Takes what a walk meets, until the page is full.
class PageBuilder {
 public:
    explicit PageBuilder(const GroupQuery& query)
        : query_(query), passed_over_max_(GroupIndex::kPassedOverMax / patterns_of(query)) {}

    /// Returns whether the walk goes on. `name` must stay where it is until finish().
    bool take(std::string_view name, std::uint64_t users, bool shows) {
        if (page_.rows.size() == query_.limit || passed_over_ >= passed_over_max_) {
            page_.looked_at_until = query_.key_of({std::string(last_name_), last_users_});
            return false;
        }
        last_name_ = name;
        last_users_ = users;
        if (shows) {
            page_.rows.push_back({std::string(name), users});
        } else {
            ++passed_over_;
        }
        return true;
    }
    GroupPage finish() { return std::move(page_); }

 private:
    static std::size_t patterns_of(const GroupQuery& query) {
        const auto& patterns = query.visibility.groups.patterns();
        return query.visibility.everything || !patterns ? 1 : std::max<std::size_t>(1, patterns->size());
    }

    const GroupQuery& query_;
    const std::size_t passed_over_max_;
    GroupPage page_;
    std::size_t passed_over_ = 0;
    std::string_view last_name_;
    std::uint64_t last_users_ = 0;
};

template <class Groups, class Order, class Visit>
void walk_groups(const Groups& groups, Order order, std::span<const KeyRange<GroupKey>> ranges,
                 bool ascending, const GroupKey* after, Visit&& visit) {
    walk(
        ranges, ascending, after, [&](const GroupKey& key) { return groups.lower_bound(key, order); },
        [&](const GroupKey& key) { return groups.upper_bound(key, order); }, groups.end(), visit);
}

bool may_see(const GroupQuery& query, const Group& group) {
    return query.visibility.allows(*group.name,
                                   [&](std::string_view user) { return group.members.has_user(user); });
}

}  // namespace

GroupPage GroupIndex::page(const GroupQuery& query, const GroupKey* after,
                           std::optional<std::uint64_t> as_of) const {
    const bool by_name = query.by == codec::v1::ListGroups::By::name;
    const bool is_past = !by_name && as_of && past_.knows(*as_of);
    const std::uint64_t moment = is_past ? *as_of : past_.now();
    if (const auto few = few_visible(query)) return page_of_few(*few, query, after, moment);
    if (by_name) return page_of(by_name_, NameOrder{}, query.visible, query, after, moment);
    if (!is_past) return page_of(by_users_, UsersOrder{}, query.ranges, query, after, moment);
    GroupPage standing = page_of(by_users_, UsersOrder{}, query.ranges, query, after, moment);
    GroupPage past = page_of_past(query, after, moment, standing.looked_at_until);
    return merge(query, std::move(standing), std::move(past));
}

template <class Groups, class Order>
GroupPage GroupIndex::page_of(const Groups& groups, Order order, std::span<const KeyRange<GroupKey>> ranges,
                              const GroupQuery& query, const GroupKey* after, std::uint64_t as_of) {
    PageBuilder builder(query);
    walk_groups(groups, order, ranges, query.ascending, after, [&](const Group& group) {
        return builder.take(*group.name, group.indexed_users,
                            group.indexed_since <= as_of && may_see(query, group));
    });
    return builder.finish();
}

GroupPage GroupIndex::page_of_past(const GroupQuery& query, const GroupKey* after, std::uint64_t as_of,
                                   const std::optional<GroupKey>& until) const {
    PageBuilder builder(query);
    past_.visit(as_of, query.ranges, query.ascending, after, [&](const GroupKey& place, bool stood) {
        if (until && query.is_before(*until, place)) return false;
        const auto group = stood ? by_name_.find(place, NameOrder{}) : by_name_.end();
        return builder.take(place.name, place.users, group != by_name_.end() && may_see(query, *group));
    });
    return builder.finish();
}

std::optional<std::vector<const Group*>> GroupIndex::few_visible(const GroupQuery& query) const {
    const Visibility& visibility = query.visibility;
    if (visibility.everything) return std::nullopt;
    std::vector<const Group*> groups;
    if (visibility.only_groups_of) {
        const auto found = by_user_.find(*visibility.only_groups_of);
        if (found != by_user_.end()) groups.assign(found->second.begin(), found->second.end());
        return groups;
    }
    if (query.by == codec::v1::ListGroups::By::name || !visibility.groups.patterns()) return std::nullopt;
    walk_groups(by_name_, NameOrder{}, query.visible, true, nullptr, [&](const Group& group) {
        groups.push_back(&group);
        return groups.size() <= kFewGroupsMax;
    });
    if (groups.size() > kFewGroupsMax) return std::nullopt;
    return groups;
}

GroupPage GroupIndex::page_of_few(const std::vector<const Group*>& groups, const GroupQuery& query,
                                  const GroupKey* after, std::uint64_t as_of) const {
    GroupPage page;
    for (const Group* group : groups) {
        codec::v1::GroupRow row{*group->name, group->indexed_users};
        if (group->indexed_since > as_of) {
            const auto users = past_.users_at(as_of, *group->name);
            if (!users) continue;  // it is new
            row.number_of_users = *users;
        }
        const GroupKey key = query.key_of(row);
        const bool is_behind = after == nullptr || query.is_before(*after, key);
        if (is_behind && query.is_in_ranges(key) && may_see(query, *group))
            page.rows.push_back(std::move(row));
    }
    std::ranges::sort(page.rows, [&](const auto& a, const auto& b) {
        return query.is_before(query.key_of(a), query.key_of(b));
    });
    return merge(query, std::move(page), {});
}

void GroupIndex::add_user(std::string_view user, Group& group) {
    auto found = by_user_.find(user);
    if (found == by_user_.end()) found = by_user_.emplace(user, std::vector<Group*>()).first;
    found->second.push_back(&group);
}

void GroupIndex::remove_user(std::string_view user, Group& group) {
    const auto found = by_user_.find(user);
    std::erase(found->second, &group);
    if (found->second.empty()) by_user_.erase(found);
}

}  // namespace pipit::core
