#include "core/list_change.hpp"

#include <algorithm>
#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "core/testing/seeded_random.hpp"
#include "core/testing/watched_list.hpp"

namespace pipit::core {
namespace {

using codec::v1::GroupRow;
using codec::v1::GroupRows;
using codec::v1::UserRow;
using codec::v1::UserRows;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ChangeBetween, IsNothingForListsThatAreEqual) {
    const GroupRows rows{{"a", 1}, {"b", 2}};
    const auto change = change_between(rows, rows);
    EXPECT_THAT(change.gone, IsEmpty());
    EXPECT_THAT(change.put, IsEmpty());
}

TEST(ChangeBetween, NamesWhatWentAndPutsWhatCameOrChanged) {
    const auto change =
        change_between(GroupRows{{"a", 1}, {"b", 2}, {"c", 3}}, {{"b", 2}, {"c", 4}, {"d", 5}});
    EXPECT_THAT(change.gone, ElementsAre("a"));
    EXPECT_THAT(change.put, ElementsAre(Pair(1, GroupRow{"c", 4}), Pair(2, GroupRow{"d", 5})));
}

TEST(ChangeBetween, TellsConnectionsOfOneUserApart) {
    const auto change =
        change_between(UserRows{{"ann", "cid:1"}, {"ann", "cid:2"}}, {{"ann", "cid:2"}, {"ann", "cid:3"}});
    EXPECT_THAT(change.gone, ElementsAre("cid:1"));
    EXPECT_THAT(change.put, ElementsAre(Pair(1, UserRow{"ann", "cid:3"})));
}

/// A random list in the order by number, as the home of a watch has it.
GroupRows random_list(SeededRandom& random) {
    GroupRows rows;
    for (char name = 'a'; name < 'k'; ++name) {
        if (!random.one_in(3)) rows.push_back({std::string(1, name), 1 + random.below(4)});
    }
    std::ranges::sort(rows, [](const GroupRow& a, const GroupRow& b) {
        return a.number_of_users != b.number_of_users ? a.number_of_users < b.number_of_users
                                                      : a.group < b.group;
    });
    rows.resize(std::min<std::size_t>(rows.size(), 1 + random.below(10)));
    return rows;
}

TEST(ChangeBetween, LeadsFromAnyListToAnyOtherForWhoAppliesItsEvents) {
    SeededRandom random(11);
    GroupRows before;
    WatchedList client;
    client.begin(R"({"watch":"w","version":1,"list":[],"endOfList":true})");
    for (std::uint64_t version = 2; version < 20'000; ++version) {
        GroupRows after = random_list(random);
        std::string event;
        codec::v1::append_watch_event(event, {"w", version, true}, change_between(before, after));
        ASSERT_EQ(client.apply(event), "") << event;
        std::string expected;
        codec::v1::append_page(expected, after, {});
        ASSERT_EQ(client.list(), boost::json::parse(expected).at("list").as_array()) << "version " << version;
        before = std::move(after);
    }
}

}  // namespace
}  // namespace pipit::core
