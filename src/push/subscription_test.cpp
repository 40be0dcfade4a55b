#include "push/subscription.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/base64url.hpp"

namespace pipit::push {
namespace {

constexpr std::string_view kEndpoint = "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";
constexpr std::string_view kP256dh =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr std::string_view kAuth = "BTBZMqHH6r4Tts7J_aSIgg";

std::string fault(const SubscriptionText& text) {
    const auto subscription = parse_subscription(text, TargetRules{});
    return subscription ? "none" : subscription.error().message;
}

TEST(Subscription, IsRefusedForItsEndpoint) {
    EXPECT_EQ(fault({"http://push.example.net/a", kP256dh, kAuth}), "endpoint must begin with https://");
    EXPECT_EQ(fault({"", kP256dh, kAuth}), "endpoint must begin with https://");
    EXPECT_EQ(fault({"https://192.168.0.1/", kP256dh, kAuth}),
              "endpoint must have a host with a public address; \"192.168.0.1\" has a private address");
    EXPECT_EQ(fault({"https://localhost/", kP256dh, kAuth}),
              "endpoint must have a host that is a public name; \"localhost\" is none");
}

TEST(Subscription, IsRefusedForItsKey) {
    const std::string not_base64url = "keys.p256dh must be 65 bytes in base64url without padding";
    const std::string not_a_point =
        "keys.p256dh must be an uncompressed P-256 point: 65 bytes, the first of them 4";
    const std::string key(kP256dh);
    EXPECT_EQ(fault({kEndpoint, "", kAuth}), not_a_point);
    EXPECT_EQ(fault({kEndpoint, key + '=', kAuth}), not_base64url);
    EXPECT_EQ(fault({kEndpoint, "B+" + key.substr(2), kAuth}), not_base64url);
    EXPECT_EQ(fault({kEndpoint, std::string(1'000'000, 'A'), kAuth}), not_base64url);
    EXPECT_EQ(fault({kEndpoint, key.substr(0, 86), kAuth}), not_a_point);
    EXPECT_EQ(fault({kEndpoint, key + "AA", kAuth}), not_base64url);  // the bits left over were not zero
    EXPECT_EQ(fault({kEndpoint, "A" + key.substr(1), kAuth}), not_a_point);
    EXPECT_EQ(fault({kEndpoint, "BD" + key.substr(2), kAuth}),
              "keys.p256dh must be a point on the curve P-256");
}

TEST(Subscription, IsRefusedForItsSecret) {
    const std::string message = "keys.auth must be 16 bytes in base64url without padding";
    for (const std::string_view secret : {"", "BTBZMqHH6r4Tts7J_aSI", "BTBZMqHH6r4Tts7J_aSIggA",
                                          "BTBZMqHH6r4Tts7J_aSIgg==", "BTBZMqHH6r4Tts7J/aSIgg",
                                          "BTBZMqHH6r4Tts7J_aSIgh", "BTBZ MqHH6r4Tts7J_aSIgg"}) {
        EXPECT_EQ(fault({kEndpoint, kP256dh, secret}), message) << secret;
    }
}

TEST(Subscription, IsWhatABrowserGives) {
    const auto subscription = parse_subscription({kEndpoint, kP256dh, kAuth}, TargetRules{});
    ASSERT_TRUE(subscription);
    EXPECT_EQ(subscription.value().endpoint.url(), kEndpoint);
    EXPECT_EQ(base::base64url_encode(subscription.value().keys.p256dh), kP256dh);
    EXPECT_EQ(base::base64url_encode(subscription.value().keys.auth), kAuth);
}

TEST(Subscription, MayBeOfAnAdmittedHost) {
    EXPECT_TRUE(parse_subscription({"https://localhost:9443/a", kP256dh, kAuth},
                                   TargetRules::admitting({"localhost"}).value()));
}

}  // namespace
}  // namespace pipit::push
