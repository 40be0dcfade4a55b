#include "core/group_index.hpp"

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
    explicit PageBuilder(const GroupQuery& query) : query_(query) {}

    /// Returns whether the walk goes on. `name` must stay where it is until finish().
    bool take(std::string_view name, std::uint64_t users, bool shows) {
        if (page_.rows.size() == query_.limit || passed_over_ == GroupIndex::kPassedOverMax) {
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
    const GroupQuery& query_;
    GroupPage page_;
    std::size_t passed_over_ = 0;
    std::string_view last_name_;
    std::uint64_t last_users_ = 0;
};

bool may_see(const GroupQuery& query, const Group& group) {
    return query.visibility.allows(*group.name,
                                   [&](std::string_view user) { return group.members.has_user(user); });
}

}  // namespace

GroupPage GroupIndex::page(const GroupQuery& query, const GroupKey* after,
                           std::optional<std::uint64_t> as_of) const {
    if (query.by == codec::v1::ListGroups::By::name)
        return page_of(by_name_, NameOrder{}, query, after, past_.now());
    if (!as_of || !past_.knows(*as_of)) return page_of(by_users_, UsersOrder{}, query, after, past_.now());
    return merge(query, page_of(by_users_, UsersOrder{}, query, after, *as_of),
                 page_of_past(query, after, *as_of));
}

template <class Groups, class Order>
GroupPage GroupIndex::page_of(const Groups& groups, Order order, const GroupQuery& query,
                              const GroupKey* after, std::uint64_t as_of) {
    PageBuilder builder(query);
    walk<GroupKey>(
        query.ranges, query.ascending, after,
        [&](const GroupKey& key) { return groups.lower_bound(key, order); },
        [&](const GroupKey& key) { return groups.upper_bound(key, order); }, groups.end(),
        [&](const Group& group) {
            return builder.take(*group.name, group.indexed_users,
                                group.indexed_since <= as_of && may_see(query, group));
        });
    return builder.finish();
}

GroupPage GroupIndex::page_of_past(const GroupQuery& query, const GroupKey* after,
                                   std::uint64_t as_of) const {
    PageBuilder builder(query);
    past_.visit(query.ranges, query.ascending, after, [&](const GroupPast::Place& place) {
        const auto group = by_name_.find(place.key, NameOrder{});
        const bool shows = place.was_at(as_of) && group != by_name_.end() && may_see(query, *group);
        return builder.take(place.key.name, place.key.users, shows);
    });
    return builder.finish();
}

}  // namespace pipit::core
