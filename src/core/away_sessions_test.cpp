#include "core/away_sessions.hpp"

#include <gmock/gmock.h>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using base::Instant;
using base::Millis;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kStart{Millis(50'000)};

Cid cid(std::uint32_t number) {
    Cid cid;
    for (std::size_t i = 0; i < 4; ++i)
        cid.bytes[i] = static_cast<std::uint8_t>(number >> 8 * i);
    return cid;
}

class AwaySessionsTest : public testing::Test {
 protected:
    void add(std::uint32_t number, Millis at, const std::string& user = "ann") {
        away_.add({cid(number), std::make_shared<const std::string>(user), "tea room"}, {.slot = number},
                  kStart + at);
    }
    std::vector<std::uint32_t> run(Millis at) {
        std::vector<std::uint32_t> ended;
        away_.run(kStart + at, [&](AwaySessions::Away&& away) { ended.push_back(away.address.slot); });
        return ended;
    }

    static constexpr std::size_t kSessionsPerUserMax = 100'000;
    AwaySessions away_{Millis(3'000), kSessionsPerUserMax};
};

TEST_F(AwaySessionsTest, HasRoomForNobodyWithoutAGrace) {
    EXPECT_FALSE(AwaySessions(Millis(0), kSessionsPerUserMax).has_room("ann"));
}

TEST_F(AwaySessionsTest, HasRoomForSoManyAndNoMore) {
    for (std::uint32_t i = 0; i < AwaySessions::kSessionsMax; ++i) {
        ASSERT_TRUE(away_.has_room("ann")) << i;
        add(i, Millis(0));
    }
    EXPECT_FALSE(away_.has_room("ann"));
    EXPECT_TRUE(away_.take(cid(7), "ann"));
    EXPECT_TRUE(away_.has_room("ann"));
}

TEST_F(AwaySessionsTest, HasRoomForSoManyOfOneUserAndStillForOthers) {
    away_ = AwaySessions(Millis(3'000), 2);
    add(1, Millis(0));
    add(2, Millis(0));
    EXPECT_FALSE(away_.has_room("ann"));
    EXPECT_TRUE(away_.has_room("bob"));
    EXPECT_TRUE(away_.take(cid(1), "ann"));
    EXPECT_TRUE(away_.has_room("ann"));
    add(3, Millis(5));
    run(Millis(3'000));
    EXPECT_TRUE(away_.has_room("ann"));
}

TEST_F(AwaySessionsTest, GivesNobodyTheSessionOfAnotherUser) {
    add(1, Millis(0));
    EXPECT_FALSE(away_.take(cid(1), "bob"));
    EXPECT_FALSE(away_.take(cid(2), "ann"));
    EXPECT_EQ(away_.size(), 1u);
}

TEST_F(AwaySessionsTest, GivesASessionBackOnce) {
    add(1, Millis(0));
    const auto away = away_.take(cid(1), "ann");
    ASSERT_TRUE(away);
    EXPECT_EQ(away->session.group, "tea room");
    EXPECT_EQ(away->address.slot, 1u);
    EXPECT_FALSE(away_.take(cid(1), "ann"));
    EXPECT_THAT(run(Millis(10'000)), IsEmpty());
}

TEST_F(AwaySessionsTest, EndsEachExactlyWhenItsTimeIsOver) {
    add(1, Millis(0));
    add(2, Millis(5));
    EXPECT_THAT(run(Millis(2'999)), IsEmpty());
    EXPECT_THAT(run(Millis(3'000)), ElementsAre(1));
    EXPECT_THAT(run(Millis(3'004)), IsEmpty());
    EXPECT_THAT(run(Millis(60'000)), ElementsAre(2));
    EXPECT_EQ(away_.size(), 0u);
}

TEST_F(AwaySessionsTest, EndsOneThatCameBackAndWentAgainByItsLastGoing) {
    add(1, Millis(0));
    away_.take(cid(1), "ann");
    add(1, Millis(1'000));
    EXPECT_THAT(run(Millis(3'999)), IsEmpty());
    EXPECT_THAT(run(Millis(4'000)), ElementsAre(1));
}

TEST_F(AwaySessionsTest, EndsOneOnceThatCameBackAndWentAgainInTheSameMoment) {
    add(1, Millis(0));
    away_.take(cid(1), "ann");
    add(1, Millis(0));
    EXPECT_THAT(run(Millis(3'000)), ElementsAre(1));
}

}  // namespace
}  // namespace pipit::core
