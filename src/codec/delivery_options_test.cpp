#include "codec/delivery_options.hpp"

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

TEST(DeliveryOptions, HaveLimits) {
    EXPECT_TRUE(check_options({}));
    EXPECT_TRUE(check_options({.ttl_s = 0}));
    EXPECT_TRUE(check_options({.ttl_s = 2'419'200}));
    EXPECT_EQ(check_options({.ttl_s = -1}).error().message, "\"ttl\" must be 0 to 2419200 seconds.");
    EXPECT_FALSE(check_options({.ttl_s = 2'419'201}));
    EXPECT_TRUE(check_options({.topic = std::string(32, 'a')}));
    EXPECT_FALSE(check_options({.topic = std::string(33, 'a')}));
    for (const std::string topic : {"a b", "a+b", "a/b", "a=", "a\r\nX: y", "\xc3\xbc", "a.b"})
        EXPECT_FALSE(check_options({.topic = topic})) << topic;
    EXPECT_TRUE(check_options({.topic = "Room-1_b"}));
}

TEST(Urgency, HasTheFourNamesOfRfc8030) {
    for (const std::string_view name : {"very-low", "low", "normal", "high"}) {
        const auto urgency = urgency_from_name(name);
        ASSERT_TRUE(urgency) << name;
        EXPECT_EQ(urgency_name(*urgency), name);
    }
    for (const std::string_view name : {"", "High", "very_low", "urgent", "high "})
        EXPECT_FALSE(urgency_from_name(name)) << name;
}

}  // namespace
}  // namespace pipit::codec
