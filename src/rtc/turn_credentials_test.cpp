#include "rtc/turn_credentials.hpp"

#include <gtest/gtest.h>

namespace pipit::rtc {
namespace {

using std::chrono::seconds;

TurnSecret secret_of(std::string_view text) {
    return {text.begin(), text.end()};
}

// The passwords are what `printf %s USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64` says.
constexpr std::string_view kSecret = "a shared secret of coturn";
constexpr std::string_view kUser = "0b6e4f7a-7c1d-4b8e-9a57-2f1f6f0c9d11";

TEST(TurnCredentials, AreWhatOpensslComputes) {
    const auto made = make_turn_credentials(secret_of(kSecret), kUser, 1'795'474'800, seconds(3'600));
    EXPECT_EQ(made.username, "1795478400:0b6e4f7a-7c1d-4b8e-9a57-2f1f6f0c9d11");
    EXPECT_EQ(made.password, "ZBaUM3QLHVjdx0Bfnr0r6YJQCKA=");
}

TEST(TurnCredentials, EscapeWhatServersRefuseAndWhatClientsMightChange) {
    const auto made = make_turn_credentials(secret_of(kSecret), "Zo\u00eb \"Z\" \\ 'n' 100%:a@b.c_~-",
                                            1'795'478'100, seconds(300));
    EXPECT_EQ(made.username, "1795478400:Zo%C3%AB%20%22Z%22%20%5C%20%27n%27%20100%25:a@b.c_~-");
    EXPECT_EQ(made.password, "/HXzoIJB/LQkLCQMoJoGMMrwm74=");
}

TEST(TurnCredentials, DependOnSecretUserAndMoment) {
    const auto made = make_turn_credentials(secret_of(kSecret), kUser, 1'000, seconds(300));
    EXPECT_NE(make_turn_credentials(secret_of("another secret 16"), kUser, 1'000, seconds(300)).password,
              made.password);
    EXPECT_NE(make_turn_credentials(secret_of(kSecret), "somebody", 1'000, seconds(300)).password,
              made.password);
    EXPECT_NE(make_turn_credentials(secret_of(kSecret), kUser, 1'001, seconds(300)).password, made.password);
}

TEST(TurnCredentials, CutALongUserBetweenEscapes) {
    for (const std::string_view before : {"", "a", "ab"}) {
        const auto made = make_turn_credentials(
            secret_of(kSecret), std::string(before) + std::string(1'000, ' '), 1'795'474'800, seconds(3'600));
        EXPECT_LE(made.username.size(), kTurnUsernameBytesMax);
        EXPECT_GT(made.username.size(), kTurnUsernameBytesMax - 3);
        EXPECT_TRUE(made.username.ends_with("%20"));
    }
}

TEST(TurnCredentials, LeaveAUserThatJustFits) {
    const std::string user(kTurnUsernameBytesMax - std::string_view("1795478400:").size(), 'u');
    const auto made = make_turn_credentials(secret_of(kSecret), user, 1'795'474'800, seconds(3'600));
    EXPECT_EQ(made.username, "1795478400:" + user);
}

}  // namespace
}  // namespace pipit::rtc
