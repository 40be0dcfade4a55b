#include "push/vapid_keys.hpp"

#include <gtest/gtest.h>

#include "push/testing/scripted_random.hpp"

namespace pipit::push {
namespace {

TEST(VapidKeys, AreNotReadFromWhatIsNone) {
    ScriptedRandom random;
    const std::string text = P256Key::generate(random).to_text();
    EXPECT_EQ(VapidKeys::from_texts({}).error().message, "there are 0 VAPID keys; allowed are 1 to 8");
    EXPECT_FALSE(VapidKeys::from_texts(std::vector<std::string>(9, text)));
    EXPECT_EQ(VapidKeys::from_texts({text, "!"}).error().message,
              "VAPID key 2: a P-256 private key must be base64url without padding");
}

TEST(VapidKeys, AreTheSameAfterTheyWereKept) {
    ScriptedRandom random;
    VapidKeys keys = VapidKeys::generate(random);
    keys.rotate(P256Key::generate(random));
    const auto again = VapidKeys::from_texts(keys.to_texts());
    ASSERT_TRUE(again);
    EXPECT_EQ(again.value().to_texts(), keys.to_texts());
    EXPECT_EQ(again.value().current().public_text(), keys.current().public_text());
}

TEST(VapidKeys, KeepTheFormerKeyForThoseWhoSubscribedWithIt) {
    ScriptedRandom random;
    VapidKeys keys = VapidKeys::generate(random);
    const std::string former = keys.current().public_text();
    EXPECT_EQ(keys.find("another"), nullptr);
    keys.rotate(P256Key::generate(random));
    EXPECT_NE(keys.current().public_text(), former);
    ASSERT_NE(keys.find(former), nullptr);
    EXPECT_EQ(keys.find(former)->public_text(), former);
    EXPECT_EQ(keys.find(keys.current().public_text()), &keys.current());
}

TEST(VapidKeys, ForgetTheOldestOfTooMany) {
    ScriptedRandom random;
    VapidKeys keys = VapidKeys::generate(random);
    const std::string oldest = keys.current().public_text();
    for (std::size_t i = 1; i < VapidKeys::kKeysMax; ++i) {
        std::vector<std::uint8_t> scalar(32, static_cast<std::uint8_t>(i));
        keys.rotate(P256Key::from_scalar(scalar).value());
    }
    EXPECT_NE(keys.find(oldest), nullptr);
    keys.rotate(P256Key::generate(random));
    EXPECT_EQ(keys.find(oldest), nullptr);
    EXPECT_EQ(keys.to_texts().size(), VapidKeys::kKeysMax);
}

}  // namespace
}  // namespace pipit::push
