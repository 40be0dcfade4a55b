#include "push/retry_policy.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "push/testing/scripted_random.hpp"

namespace pipit::push {
namespace {

using namespace std::chrono_literals;
using Kind = AttemptVerdict::Kind;

constexpr base::UnixSeconds kNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

AttemptVerdict judge(const AttemptAnswer& answer, unsigned attempt = 1, base::Millis ttl_left = 24h) {
    ScriptedRandom random(std::vector<std::uint8_t>(8, 0));  // the shortest wait
    return judge_attempt(answer, attempt, ttl_left, kNow, RetryPolicy{}, random);
}

TEST(RetryPolicy, KnowsWhatEachStatusMeans) {
    for (const int status : {404, 410})
        EXPECT_EQ(judge({status}).kind, Kind::subscription_gone) << status;
    for (const int status : {400, 401, 403, 405, 408, 413, 415, 422, 499, 301, 302, 307, 308, 100, 101})
        EXPECT_EQ(judge({status}).kind, Kind::refused) << status;
    for (const int status : {0, 429, 500, 502, 503, 504, 599})
        EXPECT_EQ(judge({status}).kind, Kind::retry) << status;
    for (const int status : {200, 201, 202, 204})
        EXPECT_EQ(judge({status}).kind, Kind::delivered) << status;
}

TEST(RetryPolicy, GivesUpWhenTheMessageWouldBeTooOld) {
    EXPECT_EQ(judge({503}, 1, 1s).kind, Kind::expired);
    EXPECT_EQ(judge({503}, 1, 1'001ms).kind, Kind::retry);
    EXPECT_EQ(judge({503}, 1, 0s).kind, Kind::expired);
    EXPECT_EQ(judge({503}, 1, -1s).kind, Kind::expired);
    EXPECT_EQ(judge({429, "60"}, 1, 61s).kind, Kind::expired);
    EXPECT_EQ(judge({429, "60"}, 1, 62s).kind, Kind::retry);
    EXPECT_EQ(judge({429, "99999999999999999999999"}).kind, Kind::expired);
}

TEST(RetryPolicy, WaitsTwiceAsLongEveryTimeUpToALimit) {
    EXPECT_EQ(judge({503}, 1).retry_in, 1s);
    EXPECT_EQ(judge({503}, 2).retry_in, 2s);
    EXPECT_EQ(judge({503}, 3).retry_in, 4s);
    EXPECT_EQ(judge({503}, 9).retry_in, 256s);
    EXPECT_EQ(judge({503}, 10).retry_in, 5min);
    EXPECT_EQ(judge({503}, 4'000'000'000).retry_in, 5min);
}

TEST(RetryPolicy, SpreadsTheWaitFromHalfToAllOfIt) {
    ScriptedRandom random;
    base::Millis shortest = 1h;
    base::Millis longest = 0s;
    for (int i = 0; i < 1'000; ++i) {
        const auto wait = judge_attempt({503}, 1, 24h, kNow, RetryPolicy{}, random).retry_in;
        EXPECT_GE(wait, 1s);
        EXPECT_LE(wait, 2s);
        shortest = std::min(shortest, wait);
        longest = std::max(longest, wait);
    }
    EXPECT_LT(shortest, 1'100ms);
    EXPECT_GT(longest, 1'900ms);
}

TEST(RetryPolicy, AddsWhatTheServiceAsksFor) {
    EXPECT_EQ(judge({429, "120"}).retry_in, 121s);
    EXPECT_EQ(judge({503, "0"}).retry_in, 1s);
    EXPECT_EQ(judge({503, "Sun, 06 Nov 1994 08:50:37 GMT"}).retry_in, 61s);
    EXPECT_EQ(judge({503, "Sun, 06 Nov 1994 08:00:00 GMT"}).retry_in, 1s);
}

TEST(RetryPolicy, TakesNoNoticeOfAWishItCannotRead) {
    for (const std::string_view wish : {"", "soon", "-1", "+5", "1.5", "5s", " 5", "Sunday"})
        EXPECT_EQ(judge({503, wish}).retry_in, 1s) << wish;
}

}  // namespace
}  // namespace pipit::push
