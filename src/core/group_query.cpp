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

/// Where the names are that a rule may allow: those that begin as its patterns do, up to the first star.
Ranges ranges_of_rule(const Visibility& visibility) {
    if (visibility.everything || !visibility.groups.patterns()) return {{named({})}};
    Ranges ranges;
    for (const std::string& pattern : *visibility.groups.patterns()) {
        const std::size_t star = pattern.find('*');
        std::string head = pattern.substr(0, star);
        if (star == 0) return {{named({})}};
        std::string end = star == std::string::npos ? behind(head) : behind_all_with(head);
        ranges.push_back({named(std::move(head)), named(std::move(end))});
    }
    std::ranges::sort(ranges, {}, &KeyRange<GroupKey>::from);
    Ranges merged;
    for (auto& range : ranges) {
        if (merged.empty() || *merged.back().to < range.from) {
            merged.push_back(std::move(range));
        } else if (*merged.back().to < *range.to) {
            merged.back().to = std::move(range.to);
        }
    }
    return merged;
}

/// What lies in both; each rises and does not overlap.
Ranges intersection(const Ranges& one, const Ranges& other) {
    Ranges both;
    for (const auto& a : one) {
        for (const auto& b : other) {
            KeyRange<GroupKey> range{std::max(a.from, b.from), a.to};
            if (b.to && (!range.to || *b.to < *range.to)) range.to = b.to;
            if (!range.to || range.from < *range.to) both.push_back(std::move(range));
        }
    }
    return both;
}

std::string text_of(const GroupKey& key) {
    return fmt::format("{}/{}:{}", key.users, key.name.size(), key.name);
}

}  // namespace

GroupQuery GroupQuery::of(const ListGroups& list, Visibility visibility) {
    const bool by_name = list.by == ListGroups::By::name;
    Ranges visible = ranges_of_rule(visibility);
    Ranges ranges = by_name ? ranges_of_names(list) : ranges_of_numbers(list);
    if (by_name) visible = intersection(ranges, visible);
    return {.by = list.by,
            .ranges = std::move(ranges),
            .visible = std::move(visible),
            .ascending = list.paging.ascending,
            .limit = list.paging.limit,
            .visibility = std::move(visibility)};
}

bool GroupQuery::is_in_ranges(const GroupKey& key) const {
    return std::ranges::any_of(
        ranges, [&](const auto& range) { return !(key < range.from) && (!range.to || key < *range.to); });
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
