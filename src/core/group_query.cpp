#include "core/group_query.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace pipit::core {
namespace {

using codec::v1::ListGroups;
using Filter = ListGroups::Filter;
using Ranges = std::vector<KeyRange<GroupKey>>;

GroupKey named(std::string name) {
    return {0, std::move(name)};
}

/// The first name behind `name`, whatever names there are.
std::string behind(std::string name) {
    return name += '\0';
}

/// The first name behind all that begin with `prefix`, which is UTF-8: no byte of it is 0xff.
std::string behind_all_with(std::string prefix) {
    ++prefix.back();
    return prefix;
}

Ranges ranges_of_names(const ListGroups& list) {
    const std::string& name = list.name;
    switch (list.filter) {
        case Filter::equal:
            return {{named(name), named(behind(name))}};
        case Filter::not_equal:
            return {{named({}), named(name)}, {named(behind(name))}};
        case Filter::greater:
            return {{named(behind(name))}};
        case Filter::at_least:
            if (name.empty()) return {{named({})}};
            return {{named(name), named(behind_all_with(name))}};
        case Filter::less:
            return {{named({}), named(name)}};
        case Filter::at_most:
            return {{named({}), named(behind(name))}};
        case Filter::range:
            return {{named(name), named(behind(list.name_to))}};
        case Filter::all:
            break;
    }
    return {{named({})}};
}

// Far more users than any group has, and exact in a double.
constexpr double kUsersMax = 1LL << 52;

/// The place of the first group with at least `number` users.
GroupKey at(double number) {
    return {static_cast<std::uint64_t>(std::clamp(std::ceil(number), 0.0, kUsersMax)), {}};
}
/// The place of the first group with more.
GroupKey above(double number) {
    return at(std::floor(number) + 1);
}

Ranges ranges_of_numbers(const ListGroups& list) {
    const double number = list.number;
    switch (list.filter) {
        case Filter::equal:
            return {{at(number), above(number)}};
        case Filter::not_equal:
            // No group has two and a half users; then the two stretches meet.
            return {{at(0), at(number)}, {above(number)}};
        case Filter::greater:
            return {{above(number)}};
        case Filter::at_least:
            return {{at(number)}};
        case Filter::less:
            return {{at(0), at(number)}};
        case Filter::at_most:
            return {{at(0), above(number)}};
        case Filter::range:
            return {{at(number), above(list.number_to)}};
        case Filter::all:
            break;
    }
    return {{at(0)}};
}

std::string text_of(const GroupKey& key) {
    return fmt::format("{}/{}:{}", key.users, key.name.size(), key.name);
}

}  // namespace

GroupQuery GroupQuery::of(const ListGroups& list, Visibility visibility) {
    return {.by = list.by,
            .ranges = list.by == ListGroups::By::name ? ranges_of_names(list) : ranges_of_numbers(list),
            .ascending = list.paging.ascending,
            .limit = list.paging.limit,
            .visibility = std::move(visibility)};
}

std::string GroupQuery::fingerprint() const {
    std::string text =
        fmt::format("groups {} {}", by == ListGroups::By::name ? "name" : "users", ascending ? "up" : "down");
    for (const auto& range : ranges) {
        text.append(" from ").append(text_of(range.from));
        if (range.to) text.append(" to ").append(text_of(*range.to));
    }
    return text;
}

GroupPage merge(const GroupQuery& query, GroupPage a, GroupPage b) {
    const auto is_before = [&](const auto& one, const auto& other) {
        return query.is_before(query.key_of(one), query.key_of(other));
    };
    GroupPage page;
    std::merge(std::move_iterator(a.rows.begin()), std::move_iterator(a.rows.end()),
               std::move_iterator(b.rows.begin()), std::move_iterator(b.rows.end()),
               std::back_inserter(page.rows), is_before);
    const bool a_ends_first =
        a.looked_at_until && (!b.looked_at_until || query.is_before(*a.looked_at_until, *b.looked_at_until));
    page.looked_at_until = std::move(a_ends_first ? a.looked_at_until : b.looked_at_until);
    if (page.looked_at_until) {
        // Beyond it one of the two places may have more than it has said.
        std::erase_if(page.rows, [&](const auto& row) {
            return query.is_before(*page.looked_at_until, query.key_of(row));
        });
    }
    if (page.rows.size() > query.limit) {
        page.rows.resize(query.limit);
        page.looked_at_until = query.key_of(page.rows.back());
    }
    return page;
}

}  // namespace pipit::core
