#include <charconv>

#include "codec/pipit_v1_decode.hpp"

namespace pipit::codec::v1 {
namespace {

using By = ListGroups::By;
using Filter = ListGroups::Filter;

// The longest that a server makes, for the longest name that it can be set to take.
constexpr std::size_t kCursorBytesMax = 2048;
constexpr std::size_t kWatchBytesMax = 64;

template <class Value>
using Choice = std::pair<std::string_view, Value>;

constexpr Choice<By> kSearchFor[] = {{"group", By::name}, {"number_of_users", By::number_of_users}};

constexpr Choice<Filter> kConditions[] = {
    {"=", Filter::equal},    {"!=", Filter::not_equal}, {">", Filter::greater}, {">=", Filter::at_least},
    {"<", Filter::less},     {"<=", Filter::at_most},   {"eq", Filter::equal},  {"ne", Filter::not_equal},
    {"gt", Filter::greater}, {"gte", Filter::at_least}, {"lt", Filter::less},   {"lte", Filter::at_most},
};

enum class List : std::uint8_t { groups, users };
constexpr Choice<List> kLists[] = {{"groups", List::groups}, {"users", List::users}};

/// As find_members; null stands for a member that is left out.
template <std::size_t N>
std::array<Argument, N> find_given(std::string_view command, const DecodeLimits& limits,
                                   const std::string_view (&names)[N]) {
    auto found = find_members(command, limits, names);
    for (Argument& member : found) {
        if (is_missing(member)) member.reset();
    }
    return found;
}

/// What one of a few texts stands for.
template <class Value, std::size_t N>
Value take_choice(std::string_view argument, const JsonMember& member, const Choice<Value> (&choices)[N],
                  Refusal& refusal) {
    if (member.kind != JsonKind::string) {
        refuse(refusal, "\"{}\" must be a string, not {}.", argument, name_of(member.kind));
        return {};
    }
    const Choice<Value>* chosen = nullptr;
    with_unescaped(member.string_content(), [&](std::string_view text) {
        for (const Choice<Value>& choice : choices) {
            if (choice.first == text) chosen = &choice;
        }
    });
    if (chosen != nullptr) return chosen->second;
    std::string allowed;
    for (const Choice<Value>& choice : choices)
        allowed.append(allowed.empty() ? "" : ", ").append(choice.first);
    refuse(refusal, "\"{}\" must be one of {}.", argument, allowed);
    return {};
}

std::string take_compared_name(std::string_view argument, const JsonMember& member,
                               const DecodeLimits& limits, Refusal& refusal) {
    auto text = unescape_json_string(member.string_content());
    if (text && text->size() <= limits.group_name_bytes_max) return std::move(*text);
    refuse(refusal, "\"{}\" must be a string of at most {} bytes of UTF-8, without lone surrogates.",
           argument, limits.group_name_bytes_max);
    return {};
}

double take_compared_number(std::string_view argument, const JsonMember& member, Refusal& refusal) {
    double number = 0;
    const char* const begin = member.value.data();
    if (std::from_chars(begin, begin + member.value.size(), number).ec != std::errc())
        refuse(refusal, "\"{}\" must be a number in the range of a double.", argument);
    return number;
}

Filter take_filter(const Argument& value, const Argument& condition, const Argument& range,
                   Refusal& refusal) {
    if (condition && range) refuse(refusal, "\"range\" cannot be used with \"condition\".");
    if (condition && !value) refuse(refusal, "\"condition\" needs a \"value\".");
    if (range && !value) refuse(refusal, "\"range\" needs a \"value\".");
    if (range) return Filter::range;
    if (condition) return take_choice("condition", *condition, kConditions, refusal);
    return value ? Filter::equal : Filter::all;
}

/// What the groups are compared with. `value` is there.
void take_operands(ListGroups& groups, const Argument& value, const Argument& range,
                   const DecodeLimits& limits, Refusal& refusal) {
    const bool by_name = groups.by == By::name;
    const JsonKind kind = by_name ? JsonKind::string : JsonKind::number;
    if (value->kind != kind) {
        refuse(refusal, "\"value\" must be {} when \"searchFor\" is \"{}\", not {}.", name_of(kind),
               kSearchFor[by_name ? 0 : 1].first, name_of(value->kind));
    } else if (range && range->kind != kind) {
        refuse(refusal, "\"range\" must be {} like \"value\", not {}.", name_of(kind), name_of(range->kind));
    } else if (by_name) {
        groups.name = take_compared_name("value", *value, limits, refusal);
        if (range) groups.name_to = take_compared_name("range", *range, limits, refusal);
    } else {
        groups.number = take_compared_number("value", *value, refusal);
        if (range) groups.number_to = take_compared_number("range", *range, refusal);
    }
}

std::uint32_t take_limit(const JsonMember& limit, std::uint32_t limit_max, Refusal& refusal) {
    const auto rows =
        limit.kind == JsonKind::number ? parse_json_uint53(limit.value) : std::optional<std::uint64_t>();
    if (rows && *rows >= 1 && *rows <= limit_max) return static_cast<std::uint32_t>(*rows);
    constexpr std::size_t kShownBytesMax = 24;
    const bool shows = limit.kind == JsonKind::number && limit.value.size() <= kShownBytesMax;
    refuse(refusal, "\"limit\" must be a whole number from 1 to {}, not {}.", limit_max,
           shows ? limit.value : name_of(limit.kind));
    return {};
}

std::string take_cursor(const JsonMember& start_key, const DecodeLimits& limits, Refusal& refusal) {
    std::optional<std::string> cursor;
    if (start_key.kind == JsonKind::object) {
        std::size_t count = 0;
        scan_object(start_key.value, limits.json_depth_max, [&](const JsonMember& member) {
            ++count;
            with_unescaped(member.key, [&](std::string_view key) {
                if (key == "cursor" && member.kind == JsonKind::string)
                    cursor = unescape_json_string(member.string_content());
            });
        });
        if (count == 1 && cursor && !cursor->empty() && cursor->size() <= kCursorBytesMax)
            return std::move(*cursor);
    }
    if (start_key.kind == JsonKind::object) {
        refuse(refusal, "\"startKey\" must be an object from an earlier answer.");
    } else {
        refuse(refusal, "\"startKey\" must be an object from an earlier answer, not {}.",
               name_of(start_key.kind));
    }
    return {};
}

Paging take_paging(std::string_view command, const DecodeLimits& limits, std::uint32_t limit_max,
                   Refusal& refusal) {
    const auto [limit, ascending, start_key] =
        find_given(command, limits, {"limit", "ascending", "startKey"});
    Paging paging;
    if (limit) paging.limit = take_limit(*limit, limit_max, refusal);
    if (ascending && ascending->kind != JsonKind::boolean)
        refuse(refusal, "\"ascending\" must be true or false, not {}.", name_of(ascending->kind));
    if (ascending) paging.ascending = ascending->value == "true";
    if (start_key) paging.cursor = take_cursor(*start_key, limits, refusal);
    return paging;
}

}  // namespace

ListGroups take_groups(std::string_view command, const DecodeLimits& limits, std::uint32_t limit_max,
                       Refusal& refusal) {
    const auto [search_for, value, condition, range] =
        find_given(command, limits, {"searchFor", "value", "condition", "range"});
    ListGroups groups;
    if (search_for) {
        groups.by = take_choice("searchFor", *search_for, kSearchFor, refusal);
    } else if (value || condition || range) {
        refuse(refusal, "\"{}\" needs \"searchFor\".", value ? "value" : condition ? "condition" : "range");
    }
    groups.filter = take_filter(value, condition, range, refusal);
    if (value) take_operands(groups, value, range, limits, refusal);
    groups.paging = take_paging(command, limits, limit_max, refusal);
    return groups;
}

ListUsers take_users(std::string_view command, const DecodeLimits& limits, std::uint32_t limit_max,
                     Refusal& refusal) {
    const auto [group, user_id] = find_given(command, limits, {"group", "user_id"});
    ListUsers users;
    if (group) users.group = take_name("group", group, limits.group_name_bytes_max, refusal);
    if (user_id) users.user_id = take_name("user_id", user_id, limits.user_id_bytes_max, refusal);
    users.paging = take_paging(command, limits, limit_max, refusal);
    return users;
}

Watch take_watch(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [list, start_key] = find_given(command, limits, {"list", "startKey"});
    if (!list) refuse(refusal, "\"list\" is missing: \"groups\" or \"users\" is needed.");
    const List which = list ? take_choice("list", *list, kLists, refusal) : List::groups;
    if (start_key) refuse(refusal, "\"startKey\" cannot be used with \"watch\", which keeps the first page.");
    if (which == List::users) return {take_users(command, limits, Watch::kLimitMax, refusal)};
    return {take_groups(command, limits, Watch::kLimitMax, refusal)};
}

ReadHistory take_history(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [group, limit, before] = find_given(command, limits, {"group", "limit", "before"});
    ReadHistory history;
    if (group) history.group = take_name("group", group, limits.group_name_bytes_max, refusal);
    if (limit) history.limit = take_limit(*limit, Paging::kLimitMax, refusal);
    history.before = take_position("before", before, limits, refusal);
    return history;
}

Unwatch take_unwatch(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [watch] = find_given(command, limits, {"watch"});
    return {take_name("watch", watch, kWatchBytesMax, refusal)};
}

}  // namespace pipit::codec::v1
