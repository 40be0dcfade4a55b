#include "core/group_query.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using codec::v1::ListGroups;
using By = ListGroups::By;
using Filter = ListGroups::Filter;
using testing::ElementsAre;
using testing::IsEmpty;

ListGroups list_by(By by, Filter filter = Filter::all) {
    ListGroups list;
    list.by = by;
    list.filter = filter;
    return list;
}

GroupQuery of(const ListGroups& list) {
    return GroupQuery::of(list, {.everything = true, .groups = {}});
}

/// Which of `keys` are in the ranges of the question.
std::vector<GroupKey> within(const GroupQuery& query, std::vector<GroupKey> keys) {
    std::erase_if(keys, [&](const GroupKey& key) {
        return std::ranges::none_of(query.ranges, [&](const KeyRange<GroupKey>& range) {
            return !(key < range.from) && (!range.to || key < *range.to);
        });
    });
    return keys;
}

std::vector<std::uint64_t> numbers(Filter filter, double number, double to = 0) {
    std::vector<GroupKey> keys;
    for (std::uint64_t users = 1; users <= 5; ++users)
        keys.push_back({users, "name"});
    ListGroups list = list_by(By::number_of_users, filter);
    list.number = number;
    list.number_to = to;
    const GroupQuery query = of(list);
    std::vector<std::uint64_t> fitting;
    for (const GroupKey& key : within(query, keys))
        fitting.push_back(key.users);
    return fitting;
}

std::vector<std::string> names(Filter filter, const std::string& name, const std::string& to = {}) {
    std::vector<GroupKey> keys;
    for (const std::string each : {"a", "b", "b!", "b\xf4\x8f\xbf\xbf", "ba", "c"})
        keys.push_back({0, each});
    ListGroups list = list_by(By::name, filter);
    list.name = name;
    list.name_to = to;
    const GroupQuery query = of(list);
    std::vector<std::string> fitting;
    for (const GroupKey& key : within(query, keys))
        fitting.push_back(key.name);
    return fitting;
}

TEST(GroupQueryByUsers, ComparesWithWholeNumbers) {
    EXPECT_THAT(numbers(Filter::all, 0), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(numbers(Filter::equal, 3), ElementsAre(3));
    EXPECT_THAT(numbers(Filter::not_equal, 3), ElementsAre(1, 2, 4, 5));
    EXPECT_THAT(numbers(Filter::greater, 3), ElementsAre(4, 5));
    EXPECT_THAT(numbers(Filter::at_least, 3), ElementsAre(3, 4, 5));
    EXPECT_THAT(numbers(Filter::less, 3), ElementsAre(1, 2));
    EXPECT_THAT(numbers(Filter::at_most, 3), ElementsAre(1, 2, 3));
    EXPECT_THAT(numbers(Filter::range, 2, 4), ElementsAre(2, 3, 4));
}

TEST(GroupQueryByUsers, ComparesWithNumbersThatNoGroupCanHave) {
    EXPECT_THAT(numbers(Filter::equal, 2.5), IsEmpty());
    EXPECT_THAT(numbers(Filter::not_equal, 2.5), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(numbers(Filter::greater, 2.5), ElementsAre(3, 4, 5));
    EXPECT_THAT(numbers(Filter::at_least, 2.5), ElementsAre(3, 4, 5));
    EXPECT_THAT(numbers(Filter::less, 2.5), ElementsAre(1, 2));
    EXPECT_THAT(numbers(Filter::at_most, 2.5), ElementsAre(1, 2));
    EXPECT_THAT(numbers(Filter::range, 1.5, 3.5), ElementsAre(2, 3));
    EXPECT_THAT(numbers(Filter::range, 2.2, 2.8), IsEmpty());
}

TEST(GroupQueryByUsers, ComparesWithNumbersBelowAndAboveAll) {
    for (const double below : {-0.5, -1.0, -1e300}) {
        EXPECT_THAT(numbers(Filter::equal, below), IsEmpty());
        EXPECT_THAT(numbers(Filter::not_equal, below), ElementsAre(1, 2, 3, 4, 5));
        EXPECT_THAT(numbers(Filter::greater, below), ElementsAre(1, 2, 3, 4, 5));
        EXPECT_THAT(numbers(Filter::at_least, below), ElementsAre(1, 2, 3, 4, 5));
        EXPECT_THAT(numbers(Filter::less, below), IsEmpty());
        EXPECT_THAT(numbers(Filter::at_most, below), IsEmpty());
        EXPECT_THAT(numbers(Filter::range, below, 2), ElementsAre(1, 2));
        EXPECT_THAT(numbers(Filter::range, below, below), IsEmpty());
    }
    for (const double above : {1e15, 1e300}) {
        EXPECT_THAT(numbers(Filter::equal, above), IsEmpty());
        EXPECT_THAT(numbers(Filter::not_equal, above), ElementsAre(1, 2, 3, 4, 5));
        EXPECT_THAT(numbers(Filter::greater, above), IsEmpty());
        EXPECT_THAT(numbers(Filter::at_least, above), IsEmpty());
        EXPECT_THAT(numbers(Filter::less, above), ElementsAre(1, 2, 3, 4, 5));
        EXPECT_THAT(numbers(Filter::at_most, above), ElementsAre(1, 2, 3, 4, 5));
        EXPECT_THAT(numbers(Filter::range, 4, above), ElementsAre(4, 5));
    }
}

TEST(GroupQueryByUsers, HasNothingInARangeThatIsReversed) {
    EXPECT_THAT(numbers(Filter::range, 4, 2), IsEmpty());
    EXPECT_THAT(numbers(Filter::range, 1e300, -1e300), IsEmpty());
}

TEST(GroupQueryByName, ComparesByCodePoint) {
    EXPECT_THAT(names(Filter::all, ""), testing::SizeIs(6));
    EXPECT_THAT(names(Filter::equal, "b"), ElementsAre("b"));
    EXPECT_THAT(names(Filter::equal, "bb"), IsEmpty());
    EXPECT_THAT(names(Filter::not_equal, "b"), ElementsAre("a", "b!", "b\xf4\x8f\xbf\xbf", "ba", "c"));
    EXPECT_THAT(names(Filter::greater, "b"), ElementsAre("b!", "b\xf4\x8f\xbf\xbf", "ba", "c"));
    EXPECT_THAT(names(Filter::less, "b"), ElementsAre("a"));
    EXPECT_THAT(names(Filter::at_most, "b"), ElementsAre("a", "b"));
    EXPECT_THAT(names(Filter::range, "b", "ba"), ElementsAre("b", "b!", "ba"));
}

TEST(GroupQueryByName, FindsWhatStartsWithAPrefix) {
    EXPECT_THAT(names(Filter::at_least, "b"), ElementsAre("b", "b!", "b\xf4\x8f\xbf\xbf", "ba"));
    EXPECT_THAT(names(Filter::at_least, "b\xf4\x8f\xbf\xbf"), ElementsAre("b\xf4\x8f\xbf\xbf"));
    EXPECT_THAT(names(Filter::at_least, "bb"), IsEmpty());
    EXPECT_THAT(names(Filter::at_least, "\x7f"), IsEmpty());
}

TEST(GroupQueryByName, ComparesWithTheEmptyName) {
    for (const Filter everything : {Filter::not_equal, Filter::greater, Filter::at_least})
        EXPECT_THAT(names(everything, ""), testing::SizeIs(6));
    for (const Filter nothing : {Filter::equal, Filter::less, Filter::at_most})
        EXPECT_THAT(names(nothing, ""), IsEmpty());
    EXPECT_THAT(names(Filter::range, "", "b"), ElementsAre("a", "b"));
}

TEST(GroupQueryByName, HasNothingInARangeThatIsReversed) {
    EXPECT_THAT(names(Filter::range, "c", "a"), IsEmpty());
}

TEST(GroupQuery, GivesDifferentQuestionsDifferentFingerprints) {
    std::set<std::string> fingerprints;
    std::size_t questions = 0;
    const auto ask = [&](ListGroups list) {
        for (const bool ascending : {true, false}) {
            list.paging.ascending = ascending;
            fingerprints.insert(of(list).fingerprint());
            ++questions;
        }
    };
    ask(list_by(By::name));
    ask(list_by(By::number_of_users));
    for (const std::string name : {"a", "b", "a to 0/1:b"}) {
        for (const Filter filter : {Filter::equal, Filter::not_equal, Filter::greater, Filter::at_least,
                                    Filter::less, Filter::at_most, Filter::range}) {
            ListGroups list = list_by(By::name, filter);
            list.name = name;
            list.name_to = "z";
            ask(std::move(list));
        }
    }
    EXPECT_EQ(fingerprints.size(), questions);
}

TEST(GroupQuery, GivesOneQuestionOneFingerprintWhateverItsLimitAndWhoAsks) {
    ListGroups few = list_by(By::name);
    few.paging.limit = 1;
    EXPECT_EQ(GroupQuery::of(few, {.groups = *auth::GroupRule::only({"x"})}).fingerprint(),
              of(list_by(By::name)).fingerprint());
}

GroupPage page_of(std::vector<std::string> names, std::optional<std::string> looked_at_until = {}) {
    GroupPage page;
    for (std::string& name : names)
        page.rows.push_back({std::move(name), 1});
    if (looked_at_until) page.looked_at_until = GroupKey{0, std::move(*looked_at_until)};
    return page;
}

std::vector<std::string> names_of(const GroupPage& page) {
    std::vector<std::string> names;
    for (const auto& row : page.rows)
        names.push_back(row.group);
    return names;
}

TEST(GroupPageMerge, KeepsNothingBehindWhereOneOfTheTwoHasStoppedLooking) {
    const GroupQuery query = of(list_by(By::name));
    const GroupPage page = merge(query, page_of({"a"}, "c"), page_of({"b", "d"}));
    EXPECT_THAT(names_of(page), ElementsAre("a", "b"));
    EXPECT_EQ(page.looked_at_until, (GroupKey{0, "c"}));
    const GroupPage both = merge(query, page_of({"a"}, "b"), page_of({"a!", "d"}, "e"));
    EXPECT_THAT(names_of(both), ElementsAre("a", "a!"));
    EXPECT_EQ(both.looked_at_until, (GroupKey{0, "b"}));
}

TEST(GroupPageMerge, KeepsNothingBeforeWhereOneOfTheTwoHasStoppedLookingOnTheWayDown) {
    ListGroups list = list_by(By::name);
    list.paging.ascending = false;
    const GroupPage page = merge(of(list), page_of({"d"}, "c"), page_of({"e", "b"}));
    EXPECT_THAT(names_of(page), ElementsAre("e", "d"));
    EXPECT_EQ(page.looked_at_until, (GroupKey{0, "c"}));
}

TEST(GroupPageMerge, HasNoMoreToSayWhenNeitherHas) {
    const GroupPage page = merge(of(list_by(By::name)), page_of({"a", "c"}), page_of({"b"}));
    EXPECT_THAT(names_of(page), ElementsAre("a", "b", "c"));
    EXPECT_FALSE(page.looked_at_until);
}

TEST(GroupPageMerge, CutsWhatIsTooMuchAndSaysWhere) {
    ListGroups list = list_by(By::name);
    list.paging.limit = 2;
    const GroupPage page = merge(of(list), page_of({"a", "d"}, "d"), page_of({"b", "c"}));
    EXPECT_THAT(names_of(page), ElementsAre("a", "b"));
    EXPECT_EQ(page.looked_at_until, (GroupKey{0, "b"}));
}

}  // namespace
}  // namespace pipit::core
