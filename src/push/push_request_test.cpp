#include "push/push_request.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(DeliveryOptions, HaveLimits) {
    EXPECT_TRUE(check_options({}));
    EXPECT_TRUE(check_options({.ttl_s = 0}));
    EXPECT_TRUE(check_options({.ttl_s = 2'419'200}));
    EXPECT_EQ(check_options({.ttl_s = -1}).error().message, "ttl must be from 0 to 2419200 seconds");
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

TEST(PushRequest, HasTheHeadersOfItsOptions) {
    const Endpoint endpoint = Endpoint::parse("https://push.example.net/a?b").value();
    const PushRequest request = make_push_request(
        endpoint, {.ttl_s = 60, .urgency = Urgency::high, .topic = "room"}, "h.p.s", "BKey", "body");
    EXPECT_EQ(request.url, "https://push.example.net/a?b");
    EXPECT_EQ(request.body, "body");
    EXPECT_THAT(
        request.headers,
        ElementsAre(Pair("Authorization", "vapid t=h.p.s, k=BKey"), Pair("Content-Encoding", "aes128gcm"),
                    Pair("Content-Type", "application/octet-stream"), Pair("TTL", "60"),
                    Pair("Urgency", "high"), Pair("Topic", "room")));
}

TEST(PushRequest, IsKeptForADayAndReplacesNothingUnlessToldOtherwise) {
    const PushRequest request =
        make_push_request(Endpoint::parse("https://a.com/").value(), {}, "h.p.s", "BKey", "");
    EXPECT_THAT(request.headers, testing::IsSupersetOf({Pair("TTL", "86400"), Pair("Urgency", "normal")}));
    EXPECT_THAT(request.headers, testing::Not(testing::Contains(Pair("Topic", testing::_))));
}

}  // namespace
}  // namespace pipit::push
