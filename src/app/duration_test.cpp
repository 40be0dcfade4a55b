#include "app/duration.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

using testing::HasSubstr;

TEST(Duration, RefusesWhatIsNotOnePositiveNumberAndOneUnit) {
    for (const char* text :
         {"", "s", "90", "-1s", "0s", "1.5h", "90 s", "1h30m", "24H", "7w", "+1s", " 1s", "1s "}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
    EXPECT_THAT(parse_duration("1w").error().message, HasSubstr("\"1w\""));
}

TEST(Duration, RefusesMoreThanTenYears) {
    EXPECT_TRUE(parse_duration("3650d"));
    EXPECT_FALSE(parse_duration("3651d"));
    EXPECT_FALSE(parse_duration("9223372036854775807d"));
    EXPECT_FALSE(parse_duration("99999999999999999999s"));
}

TEST(Duration, ReadsEveryUnit) {
    EXPECT_EQ(*parse_duration("90s"), std::chrono::seconds(90));
    EXPECT_EQ(*parse_duration("15m"), std::chrono::minutes(15));
    EXPECT_EQ(*parse_duration("24h"), std::chrono::hours(24));
    EXPECT_EQ(*parse_duration("7d"), std::chrono::hours(7 * 24));
}

}  // namespace
}  // namespace pipit::app
