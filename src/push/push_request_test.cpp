#include "push/push_request.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(PushRequest, HasTheHeadersOfItsOptions) {
    const Endpoint endpoint = Endpoint::parse("https://push.example.net/a?b").value();
    const PushRequest request = make_push_request(
        endpoint, {.ttl_s = 60, .urgency = codec::Urgency::high, .topic = "room"}, "h.p.s", "BKey", "body");
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
