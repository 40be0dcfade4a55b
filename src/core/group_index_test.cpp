#include "core/group_index.hpp"

#include <gmock/gmock.h>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "core/testing/seeded_random.hpp"

namespace pipit::core {
namespace {

using By = codec::v1::ListGroups::By;
using testing::ElementsAre;
using testing::IsEmpty;

class GroupIndexTest : public testing::Test {
 protected:
    ~GroupIndexTest() override {
        for (const auto& group : groups_)
            index_.remove(*group);
    }

    Group& add(const std::string& name, std::size_t users = 0) {
        groups_.push_back(
            std::make_unique<Group>(std::make_shared<const std::string>(name), random_, WorkerIndex{1}));
        Group& group = *groups_.back();
        index_.add(group);
        set_users(group, users);
        return group;
    }
    void set_users(Group& group, std::size_t users) {
        while (group.members.user_count() < users) {
            const UserId user = user_name(group.members.user_count());
            group.members.add(user, Cid{}, {});
            index_.add_user(*user, group);
            index_.update(group);
        }
        while (group.members.user_count() > users) {
            const UserId user = user_name(group.members.user_count() - 1);
            group.members.remove(user, Cid{});
            index_.remove_user(*user, group);
            index_.update(group);
        }
    }
    static UserId user_name(std::size_t number) {
        return std::make_shared<const std::string>("u" + std::to_string(number));
    }

    static GroupQuery query(By by, bool ascending = true, std::uint32_t limit = 1'000,
                            Visibility visibility = {.everything = true, .groups = {}}) {
        codec::v1::ListGroups list;
        list.by = by;
        list.paging = {.limit = limit, .ascending = ascending, .cursor = {}};
        return GroupQuery::of(list, std::move(visibility));
    }
    std::vector<std::string> names(const GroupQuery& query, const GroupKey* after = nullptr) const {
        std::vector<std::string> names;
        for (const auto& row : index_.page(query, after).rows)
            names.push_back(row.group);
        return names;
    }
    /// Sees `…h` only.
    static Visibility only_those_that_end_with_h() { return {.groups = *auth::GroupRule::only({"*h"})}; }

    SeededRandom random_{1};
    std::vector<std::unique_ptr<Group>> groups_;
    GroupIndex index_;
};

TEST_F(GroupIndexTest, HasNoMoreToSayAboutNothing) {
    const GroupPage page = index_.page(query(By::name), nullptr);
    EXPECT_THAT(page.rows, IsEmpty());
    EXPECT_FALSE(page.looked_at_until);
}

TEST_F(GroupIndexTest, OrdersByNameByteForByte) {
    for (const std::string name : {"tea", "Tea", "te", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "tea "})
        add(name, 1);
    EXPECT_THAT(names(query(By::name)),
                ElementsAre("Tea", "te", "tea", "tea ", "\xef\xbf\xbd", "\xf0\x9f\x98\x80"));
}

TEST_F(GroupIndexTest, OrdersByUsersAndThenByName) {
    add("b", 2);
    add("a", 2);
    add("c", 1);
    EXPECT_THAT(names(query(By::number_of_users)), ElementsAre("c", "a", "b"));
    EXPECT_THAT(names(query(By::number_of_users, false)), ElementsAre("b", "a", "c"));
}

TEST_F(GroupIndexTest, MovesAGroupPastThoseThatHaveAsManyUsersOnlyWhenItsNameSaysSo) {
    add("a", 2);
    Group& b = add("b", 1);
    add("c", 2);
    set_users(b, 2);
    EXPECT_THAT(names(query(By::number_of_users)), ElementsAre("a", "b", "c"));
    set_users(b, 3);
    EXPECT_THAT(names(query(By::number_of_users)), ElementsAre("a", "c", "b"));
    set_users(b, 2);
    EXPECT_THAT(names(query(By::number_of_users)), ElementsAre("a", "b", "c"));
    set_users(b, 1);
    EXPECT_THAT(names(query(By::number_of_users)), ElementsAre("b", "a", "c"));
}

TEST_F(GroupIndexTest, KeepsItsOrderUnderEveryChange) {
    for (int i = 0; i < 12; ++i)
        add("g" + std::to_string(i), 1);
    for (int step = 0; step < 5'000; ++step) {
        Group& group = *groups_[random_.below(groups_.size())];
        // One at a time, so that groups often pass each other by one place and often stay.
        const std::size_t users = group.members.user_count();
        set_users(group, random_.one_in(2) ? users + 1 : users - std::min<std::size_t>(users, 1));
        std::vector<std::pair<std::size_t, std::string>> expected, found;
        for (const auto& each : groups_)
            expected.emplace_back(each->members.user_count(), *each->name);
        std::sort(expected.begin(), expected.end());
        for (const auto& row : index_.page(query(By::number_of_users), nullptr).rows)
            found.emplace_back(row.number_of_users, row.group);
        ASSERT_EQ(found, expected) << "step " << step;
    }
}

TEST_F(GroupIndexTest, SaysWhereAFullPageEndsOnlyWhenMoreFollow) {
    add("a", 1);
    add("b", 1);
    EXPECT_EQ(index_.page(query(By::name, true, 1), nullptr).looked_at_until, (GroupKey{0, "a"}));
    EXPECT_EQ(index_.page(query(By::number_of_users, false, 1), nullptr).looked_at_until, (GroupKey{1, "b"}));
    EXPECT_FALSE(index_.page(query(By::name, true, 2), nullptr).looked_at_until);
}

TEST_F(GroupIndexTest, GoesOnBehindAPlaceWhetherOrNotAGroupIsThere) {
    for (const std::string name : {"a", "c", "e"})
        add(name, 1);
    const GroupKey there{0, "c"}, between{0, "b"}, behind{0, "f"};
    EXPECT_THAT(names(query(By::name), &there), ElementsAre("e"));
    EXPECT_THAT(names(query(By::name), &between), ElementsAre("c", "e"));
    EXPECT_THAT(names(query(By::name), &behind), IsEmpty());
    EXPECT_THAT(names(query(By::name, false), &there), ElementsAre("a"));
    EXPECT_THAT(names(query(By::name, false), &between), ElementsAre("a"));
    EXPECT_THAT(names(query(By::name, false), &behind), ElementsAre("e", "c", "a"));
}

TEST_F(GroupIndexTest, ShowsOnlyGroupsOfTheUserWhoMaySeeOnlyThose) {
    add("one", 1);
    add("two", 2);
    Visibility visibility{.groups = {}, .only_groups_of = user_name(1)};
    EXPECT_THAT(names(query(By::name, true, 10, visibility)), ElementsAre("two"));
    visibility.groups = *auth::GroupRule::only({"one"});
    EXPECT_THAT(names(query(By::name, true, 10, visibility)), IsEmpty());
}

TEST_F(GroupIndexTest, LooksAtNoMoreHiddenGroupsThanItMayAndSaysHowFarItCame) {
    for (std::size_t i = 0; i < GroupIndex::kPassedOverMax + 2; ++i)
        add("a" + std::to_string(100'000 + i));
    add("h");
    const GroupQuery restricted = query(By::name, true, 10, only_those_that_end_with_h());
    GroupPage page = index_.page(restricted, nullptr);
    EXPECT_THAT(page.rows, IsEmpty());
    ASSERT_TRUE(page.looked_at_until);
    EXPECT_EQ(page.looked_at_until->name, "a" + std::to_string(100'000 + GroupIndex::kPassedOverMax - 1));
    const GroupKey after = *page.looked_at_until;
    page = index_.page(restricted, &after);
    ASSERT_EQ(page.rows.size(), 1u);
    EXPECT_EQ(page.rows[0].group, "h");
    EXPECT_FALSE(page.looked_at_until);
}

TEST_F(GroupIndexTest, DoesNotLookAtNamesThatBeginOtherwiseThanTheTokenAllows) {
    for (std::size_t i = 0; i < 2 * GroupIndex::kPassedOverMax; ++i)
        add("a" + std::to_string(i), 1);
    add("hall", 3);
    add("hut", 2);
    for (std::size_t i = 0; i < 2 * GroupIndex::kPassedOverMax; ++i)
        add("x" + std::to_string(i), 2);
    const Visibility sees{.groups = *auth::GroupRule::only({"h*", "hut", "none"})};
    for (const bool ascending : {true, false}) {
        EXPECT_THAT(names(query(By::name, ascending, 10, sees)),
                    testing::UnorderedElementsAre("hall", "hut"));
        const GroupPage page = index_.page(query(By::number_of_users, ascending, 1, sees), nullptr);
        ASSERT_EQ(page.rows.size(), 1u);
        EXPECT_EQ(page.rows[0].group, ascending ? "hut" : "hall");
        EXPECT_TRUE(page.looked_at_until);
    }
}

TEST_F(GroupIndexTest, HasNoMoreToSayWhenTheLastGroupIsAsManyHiddenOnesAsItMayPass) {
    for (std::size_t i = 0; i < GroupIndex::kPassedOverMax; ++i)
        add("a" + std::to_string(i));
    EXPECT_FALSE(
        index_.page(query(By::name, true, 10, only_those_that_end_with_h()), nullptr).looked_at_until);
}

}  // namespace
}  // namespace pipit::core
