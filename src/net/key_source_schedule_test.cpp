#include "net/key_source_schedule.hpp"

#include <chrono>
#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr base::Instant kStart{1h};

KeySourceSchedule schedule_of(std::initializer_list<base::Millis> refreshes) {
    std::vector<KeySource> sources;
    for (const base::Millis refresh : refreshes)
        sources.push_back({.refresh = refresh});
    return KeySourceSchedule(sources, {});
}

TEST(KeySourceSchedule, TriesAFailedSourceAgainSoonAndThenEverLater) {
    auto schedule = schedule_of({60s});
    base::Instant now = kStart;
    for (const auto pause : {5s, 10s, 20s, 40s, 60s, 60s}) {
        ASSERT_THAT(schedule.begin_due(now), ElementsAre(0));
        EXPECT_TRUE(schedule.finish(0, false, now));
        EXPECT_EQ(schedule.idle_for(now), pause);
        EXPECT_THAT(schedule.begin_due(now + pause - 1ms), IsEmpty());
        now += pause;
    }
}

TEST(KeySourceSchedule, NeverWaitsLongerAfterAFailureThanAfterASuccess) {
    auto schedule = schedule_of({2s});
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0));
    schedule.finish(0, false, kStart);
    EXPECT_EQ(schedule.idle_for(kStart), 2s);
}

TEST(KeySourceSchedule, ForgetsEarlierFailuresAfterASuccess) {
    auto schedule = schedule_of({60s});
    base::Instant now = kStart;
    for (const bool succeeded : {false, false, true, false}) {
        ASSERT_THAT(schedule.begin_due(now), ElementsAre(0));
        schedule.finish(0, succeeded, now);
        now += *schedule.idle_for(now);
    }
    EXPECT_EQ(now, kStart + 5s + 10s + 60s + 5s);
}

TEST(KeySourceSchedule, ReadsEachSourceByItsOwnInterval) {
    auto schedule = schedule_of({60s, 90s});
    EXPECT_EQ(schedule.idle_for(kStart), 0s);
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0, 1));
    EXPECT_FALSE(schedule.finish(1, true, kStart));
    EXPECT_TRUE(schedule.finish(0, true, kStart));
    EXPECT_THAT(schedule.begin_due(kStart + 60s), ElementsAre(0));
    EXPECT_TRUE(schedule.finish(0, true, kStart + 60s));
    EXPECT_EQ(schedule.idle_for(kStart + 60s), 30s);
    EXPECT_THAT(schedule.begin_due(kStart + 90s), ElementsAre(1));
}

TEST(KeySourceSchedule, HasNothingToDoButWaitWhileEverythingIsBeingRead) {
    auto schedule = schedule_of({60s});
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0));
    EXPECT_EQ(schedule.idle_for(kStart), std::nullopt);
    EXPECT_THAT(schedule.begin_due(kStart + 1h), IsEmpty());
}

TEST(KeySourceSchedule, ReadsNoSourceTwiceInOneRound) {
    auto schedule = schedule_of({1s, 60s});
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0, 1));
    EXPECT_FALSE(schedule.finish(0, true, kStart));
    EXPECT_THAT(schedule.begin_due(kStart + 2s), IsEmpty());
    EXPECT_TRUE(schedule.finish(1, true, kStart + 2s));
    EXPECT_THAT(schedule.begin_due(kStart + 2s), ElementsAre(0));
}

TEST(KeySourceSchedule, DoesNotReadAgainForAnUnknownKeyWhatWasJustRead) {
    auto schedule = schedule_of({60s});
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0));
    EXPECT_TRUE(schedule.want(kStart + 1s)) << "the round that is under way answers";
    schedule.finish(0, true, kStart + 2s);
    EXPECT_FALSE(schedule.want(kStart + 10s - 1ms));
    EXPECT_THAT(schedule.begin_due(kStart + 10s - 1ms), IsEmpty());
    EXPECT_TRUE(schedule.want(kStart + 10s));
    EXPECT_THAT(schedule.begin_due(kStart + 10s), ElementsAre(0));
}

TEST(KeySourceSchedule, LetsWantedSourcesJoinTheRoundThatIsUnderWay) {
    auto schedule = schedule_of({60s, 90s});
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0, 1));
    schedule.finish(0, true, kStart);
    schedule.finish(1, true, kStart);
    ASSERT_THAT(schedule.begin_due(kStart + 60s), ElementsAre(0));
    EXPECT_TRUE(schedule.want(kStart + 61s));
    EXPECT_THAT(schedule.begin_due(kStart + 61s), ElementsAre(1));
    EXPECT_FALSE(schedule.finish(0, true, kStart + 62s));
    EXPECT_TRUE(schedule.finish(1, true, kStart + 63s));
    EXPECT_TRUE(schedule.all_fresh(kStart + 63s));
}

TEST(KeySourceSchedule, IsFreshOnlyWhileEverySourceWasReadLatelyAndDidNotFail) {
    auto schedule = schedule_of({60s, 60s});
    EXPECT_FALSE(schedule.all_fresh(kStart));
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0, 1));
    schedule.finish(0, true, kStart);
    EXPECT_FALSE(schedule.all_fresh(kStart));
    schedule.finish(1, false, kStart);
    EXPECT_FALSE(schedule.all_fresh(kStart));
    ASSERT_THAT(schedule.begin_due(kStart + 5s), ElementsAre(1));
    schedule.finish(1, true, kStart + 5s);
    EXPECT_TRUE(schedule.all_fresh(kStart + 20s));
    EXPECT_FALSE(schedule.all_fresh(kStart + 20s + 1ms));
}

TEST(KeySourceSchedule, ReloadsEverythingAndAgainWhatMayBeTheOldDocument) {
    auto schedule = schedule_of({60s, 90s});
    ASSERT_THAT(schedule.begin_due(kStart), ElementsAre(0, 1));
    schedule.finish(0, true, kStart);
    schedule.finish(1, true, kStart);
    ASSERT_THAT(schedule.begin_due(kStart + 60s), ElementsAre(0));
    schedule.reload(kStart + 61s);
    EXPECT_THAT(schedule.begin_due(kStart + 61s), ElementsAre(1));
    schedule.finish(0, true, kStart + 62s);
    EXPECT_TRUE(schedule.finish(1, true, kStart + 62s));
    ASSERT_THAT(schedule.begin_due(kStart + 62s), ElementsAre(0));
    EXPECT_TRUE(schedule.finish(0, true, kStart + 63s));
    EXPECT_EQ(schedule.idle_for(kStart + 63s), 60s);
}

}  // namespace
}  // namespace pipit::net
