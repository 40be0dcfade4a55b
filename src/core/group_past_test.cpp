#include "core/group_past.hpp"

#include <gmock/gmock.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class GroupPastTest : public testing::Test {
 protected:
    static constexpr std::uint64_t kFirst = 1'000;

    /// A group has left that place, where it stood since `since`.
    void leave(std::uint64_t since, std::uint64_t users, std::string name) {
        past_.change();
        past_.leave_behind(since, {users, std::move(name)});
    }
    std::vector<std::string> places_at(std::uint64_t moment, bool ascending = true) const {
        std::vector<std::string> places;
        const KeyRange<GroupKey> all{{}};
        past_.visit(moment, {&all, 1}, ascending, nullptr, [&](const GroupKey& place, bool stood) {
            ++visited_;
            if (stood) places.push_back(place.name + std::to_string(place.users));
            return true;
        });
        return places;
    }

    GroupPast past_{kFirst};
    mutable std::size_t visited_ = 0;
};

TEST_F(GroupPastTest, KnowsNoMomentUntilItRemembers) {
    EXPECT_FALSE(past_.knows(kFirst));
    leave(kFirst, 2, "a");
    EXPECT_THAT(places_at(kFirst), IsEmpty());
}

TEST_F(GroupPastTest, KnowsNoMomentBeforeItBeganAndNoneToCome) {
    past_.change();
    past_.remember();
    EXPECT_FALSE(past_.knows(kFirst));
    EXPECT_TRUE(past_.knows(past_.now()));
    EXPECT_FALSE(past_.knows(past_.now() + 1));
}

TEST_F(GroupPastTest, KnowsNothingOnceItHasForgotten) {
    past_.remember();
    leave(kFirst, 2, "a");
    past_.forget();
    EXPECT_FALSE(past_.knows(kFirst));
    EXPECT_THAT(places_at(kFirst), IsEmpty());
    past_.remember();
    EXPECT_FALSE(past_.knows(kFirst)) << "it has missed what happened meanwhile";
}

TEST_F(GroupPastTest, ShowsEachPlaceAtTheMomentsAtWhichAGroupStoodThere) {
    past_.remember();
    leave(kFirst, 2, "a");      // at moment 1,001, to 3 users
    leave(kFirst, 5, "b");      // 1,002
    leave(kFirst + 1, 3, "a");  // 1,003
    EXPECT_THAT(places_at(kFirst), ElementsAre("a2", "b5"));
    EXPECT_THAT(places_at(kFirst + 1), ElementsAre("a3", "b5"));
    EXPECT_THAT(places_at(kFirst + 2), ElementsAre("a3"));
    EXPECT_THAT(places_at(kFirst + 3), IsEmpty());
    EXPECT_THAT(places_at(kFirst, false), ElementsAre("b5", "a2"));
}

TEST_F(GroupPastTest, TellsHowManyUsersAGroupHad) {
    past_.remember();
    leave(kFirst, 2, "a");      // at moment 1,001, to 3 users
    leave(kFirst + 1, 3, "a");  // at moment 1,002
    EXPECT_EQ(past_.users_at(kFirst, "a"), 2u);
    EXPECT_EQ(past_.users_at(kFirst + 1, "a"), 3u);
    EXPECT_EQ(past_.users_at(kFirst + 2, "a"), std::nullopt) << "what it has now is not past";
    EXPECT_EQ(past_.users_at(kFirst - 1, "a"), std::nullopt) << "it did not exist";
    EXPECT_EQ(past_.users_at(kFirst, "b"), std::nullopt);
}

TEST_F(GroupPastTest, KeepsAPlaceThatAGroupHasLeftSeveralTimes) {
    past_.remember();
    leave(kFirst, 2, "a");
    leave(kFirst + 1, 3, "a");
    leave(kFirst + 2, 2, "a");
    EXPECT_THAT(places_at(kFirst), ElementsAre("a2"));
    EXPECT_THAT(places_at(kFirst + 2), ElementsAre("a2"));
}

TEST_F(GroupPastTest, VisitsAPlaceOnceHoweverOftenAGroupHasStoodThere) {
    past_.remember();
    for (std::uint64_t i = 0; i < 10'000; ++i)
        leave(kFirst + i, 5 + i % 2, "lobby");
    for (const bool ascending : {true, false}) {
        visited_ = 0;
        EXPECT_THAT(places_at(kFirst + 1'234, ascending), ElementsAre("lobby5"));
        EXPECT_THAT(places_at(kFirst + 1'235, ascending), ElementsAre("lobby6"));
        EXPECT_EQ(visited_, 4u);
    }
}

TEST_F(GroupPastTest, LeavesNothingBehindForAGroupThatIsNew) {
    past_.remember();
    leave(kFirst, 0, "a");
    EXPECT_THAT(places_at(kFirst), IsEmpty());
    EXPECT_EQ(visited_, 0u);
}

TEST_F(GroupPastTest, FreesALittleAtATimeAndIsRightMeanwhile) {
    past_.remember();
    for (std::uint64_t i = 0; i < 5'000; ++i)
        leave(kFirst + i, i + 1, "a");
    past_.forget();
    past_.remember();
    const std::uint64_t begin = past_.now();
    EXPECT_THAT(places_at(begin), IsEmpty());
    EXPECT_GT(visited_, 0u) << "nothing is left to be freed";
    leave(begin, 3, "b");
    EXPECT_THAT(places_at(begin), ElementsAre("b3"));
    while (visited_ > 0) {
        past_.forget();
        visited_ = 0;
        EXPECT_THAT(places_at(begin), testing::Each("b3"));
    }
}

TEST_F(GroupPastTest, ForgetsTheOldestChangesAndTheMomentsBeforeThemWhenThereAreTooMany) {
    past_.remember();
    for (std::size_t i = 0; i < GroupPast::kChangesMax; ++i)
        leave(kFirst + i, i + 1, "a");
    EXPECT_TRUE(past_.knows(kFirst));
    leave(kFirst + GroupPast::kChangesMax, 7, "b");
    EXPECT_FALSE(past_.knows(kFirst));
    EXPECT_TRUE(past_.knows(kFirst + 1));
    EXPECT_THAT(places_at(kFirst + 1), ElementsAre("a2"));
}

}  // namespace
}  // namespace pipit::core
