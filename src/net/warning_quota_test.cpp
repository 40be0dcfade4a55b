#include "net/warning_quota.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

constexpr auto kInterval = WarningQuota::kInterval;

TEST(WarningQuota, IsSilentAboutASubjectForAMinuteAndThenTellsHowOften) {
    WarningQuota quota(2);
    base::Instant now{};
    EXPECT_EQ(quota.take("a", now), 0u);
    EXPECT_EQ(quota.take("a", now), std::nullopt);
    EXPECT_EQ(quota.take("b", now), 0u);
    now += kInterval - base::Millis(1);
    EXPECT_EQ(quota.take("a", now), std::nullopt);
    now += base::Millis(1);
    EXPECT_EQ(quota.take("a", now), 2u);
    EXPECT_EQ(quota.take("a", now), std::nullopt);
    now += kInterval;
    EXPECT_EQ(quota.take("a", now), 1u);
}

TEST(WarningQuota, IsSilentAboutFurtherSubjectsUntilOneOfThoseItHasIsAMinuteOld) {
    WarningQuota quota(2);
    base::Instant now{};
    EXPECT_EQ(quota.take("a", now), 0u);
    now += base::Millis(1);
    EXPECT_EQ(quota.take("b", now), 0u);
    for (int i = 0; i < 1'000; ++i)
        EXPECT_EQ(quota.take(std::to_string(i), now), std::nullopt);
    now += kInterval - base::Millis(1);
    EXPECT_EQ(quota.take("c", now), 0u);
    EXPECT_EQ(quota.take("d", now), std::nullopt);
    EXPECT_EQ(quota.take("b", now), std::nullopt);
}

}  // namespace
}  // namespace pipit::net
