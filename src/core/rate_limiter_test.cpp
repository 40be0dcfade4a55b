#include "core/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using std::chrono::milliseconds;

constexpr RateLimiter::Settings kSettings{.per_second = 10, .burst = 3};
const base::Instant kStart{milliseconds(5'000'000)};

int taken(RateLimiter& limiter, base::Instant now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i)
        count += limiter.take(kSettings, now) ? 1 : 0;
    return count;
}

TEST(RateLimiter, RefusesWhatExceedsTheBurst) {
    RateLimiter limiter(kSettings, kStart);
    EXPECT_EQ(taken(limiter, kStart, 10), 3);
}

TEST(RateLimiter, RefusesUntilTheTimeItTells) {
    RateLimiter limiter(kSettings, kStart);
    taken(limiter, kStart, 3);
    EXPECT_FALSE(limiter.take(kSettings, kStart));
    EXPECT_EQ(limiter.wait_ms(kSettings), 100u);
    EXPECT_FALSE(limiter.take(kSettings, kStart + milliseconds(99)));
    EXPECT_EQ(limiter.wait_ms(kSettings), 1u);
    EXPECT_TRUE(limiter.take(kSettings, kStart + milliseconds(100)));
    EXPECT_FALSE(limiter.take(kSettings, kStart + milliseconds(100)));
}

TEST(RateLimiter, TellsATimeThatIsRoundedUp) {
    constexpr RateLimiter::Settings three_a_second{.per_second = 3, .burst = 1};
    RateLimiter limiter(three_a_second, kStart);
    EXPECT_TRUE(limiter.take(three_a_second, kStart));
    EXPECT_EQ(limiter.wait_ms(three_a_second), 334u);
    EXPECT_FALSE(limiter.take(three_a_second, kStart + milliseconds(333)));
    EXPECT_TRUE(limiter.take(three_a_second, kStart + milliseconds(334)));
}

TEST(RateLimiter, LetsNothingInBeforeWhatWasTakenBesidesHasComeInAgain) {
    RateLimiter limiter(kSettings, kStart);
    ASSERT_TRUE(limiter.take(kSettings, kStart));
    limiter.take_also(9);
    EXPECT_FALSE(limiter.take(kSettings, kStart));
    EXPECT_EQ(limiter.wait_ms(kSettings), 800u);
    EXPECT_FALSE(limiter.take(kSettings, kStart + milliseconds(799)));
    EXPECT_TRUE(limiter.take(kSettings, kStart + milliseconds(800)));
}

TEST(RateLimiter, LetsInAsMuchWorkAsItsRateAllowsHoweverItIsAskedFor) {
    RateLimiter limiter(kSettings, kStart);
    int work = 0;
    for (int ms = 0; ms < 10'000; ++ms) {
        if (!limiter.take(kSettings, kStart + milliseconds(ms))) continue;
        limiter.take_also(9);
        work += 10;
    }
    EXPECT_NEAR(work, 3 + 10 * 10, 10);
}

TEST(RateLimiter, SavesUpNoMoreThanTheBurst) {
    RateLimiter limiter(kSettings, kStart);
    EXPECT_EQ(taken(limiter, kStart + std::chrono::hours(1), 10), 3);
}

TEST(RateLimiter, LosesNoFractionHoweverOftenItIsAsked) {
    RateLimiter limiter(kSettings, kStart);
    taken(limiter, kStart, 3);
    int count = 0;
    for (int ms = 1; ms <= 10'000; ++ms)
        count += limiter.take(kSettings, kStart + milliseconds(ms)) ? 1 : 0;
    EXPECT_EQ(count, 100);
}

TEST(RateLimiter, IsFullAsLongAsNothingIsTakenAndAgainExactlyWhenItIsSavedUp) {
    RateLimiter limiter(kSettings, kStart);
    EXPECT_TRUE(limiter.is_full(kSettings, kStart));
    EXPECT_EQ(taken(limiter, kStart, 2), 2);
    EXPECT_FALSE(limiter.is_full(kSettings, kStart));
    EXPECT_FALSE(limiter.is_full(kSettings, kStart + milliseconds(199)));
    EXPECT_TRUE(limiter.is_full(kSettings, kStart + milliseconds(200)));
    EXPECT_TRUE(limiter.is_full(kSettings, kStart + std::chrono::hours(1)));
}

TEST(RateLimiter, TakesNothingToSayWhetherItIsFull) {
    RateLimiter limiter(kSettings, kStart);
    taken(limiter, kStart, 3);
    for (int i = 0; i < 10; ++i)
        EXPECT_FALSE(limiter.is_full(kSettings, kStart + milliseconds(299)));
    EXPECT_EQ(taken(limiter, kStart + milliseconds(300), 10), 3);
}

TEST(RateLimiter, GivesNothingForTimeThatRunsBackwards) {
    RateLimiter limiter(kSettings, kStart);
    EXPECT_EQ(taken(limiter, kStart - milliseconds(1000), 10), 3);
}

}  // namespace
}  // namespace pipit::core
