#include "net/push_lifetime.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

constexpr store::UnixMs kMadeAt = 1'800'000'000'000;

std::int64_t seconds_left(std::int64_t ttl_s, std::int64_t age_ms) {
    const store::NotificationRecord record{.author = "ann",
                                           .payload = "{}",
                                           .urgency = "normal",
                                           .topic = "",
                                           .ttl_s = ttl_s,
                                           .deadline_at = deadline_of(ttl_s, kMadeAt)};
    return ttl_seconds_left(record, kMadeAt + age_ms);
}

TEST(PushLifetime, LeavesNothingOfWhatIsOverOrIsForNowOrNever) {
    EXPECT_EQ(seconds_left(60, 60'000), 0);
    EXPECT_EQ(seconds_left(60, 1'000'000), 0);
    EXPECT_EQ(seconds_left(0, 0), 0);
    EXPECT_EQ(seconds_left(0, 20'000), 0);
}

TEST(PushLifetime, TakesNothingAwayFromAFirstAttempt) {
    EXPECT_EQ(seconds_left(86'400, 0), 86'400);
    EXPECT_EQ(seconds_left(86'400, 1), 86'400);
    EXPECT_EQ(seconds_left(86'400, 999), 86'400);
    EXPECT_EQ(seconds_left(1, 999), 1);
}

TEST(PushLifetime, TakesTheTimeOfEarlierAttemptsAway) {
    EXPECT_EQ(seconds_left(86'400, 1'000), 86'399);
    EXPECT_EQ(seconds_left(86'400, 86'399'000), 1);
    EXPECT_EQ(seconds_left(10, 4'500), 6);
}

TEST(PushLifetime, IsNotLongerForAClockThatWentBack) {
    EXPECT_EQ(seconds_left(60, -5'000), 60);
}

}  // namespace
}  // namespace pipit::net
