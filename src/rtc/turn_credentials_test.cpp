#include "rtc/turn_credentials.hpp"

#include <gtest/gtest.h>

#include "codec/utf8.hpp"

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

TEST(TurnCredentials, TakeAUserAsItIs) {
    const auto made =
        make_turn_credentials(secret_of(kSecret), "Zoë \"Z\" \\ 😀", 1'795'478'100, seconds(300));
    EXPECT_EQ(made.username, "1795478400:Zoë \"Z\" \\ 😀");
    EXPECT_EQ(made.password, "G8uiVAfwoowS7sbhd2JRlszb34I=");
}

TEST(TurnCredentials, DependOnSecretUserAndMoment) {
    const auto made = make_turn_credentials(secret_of(kSecret), kUser, 1'000, seconds(300));
    EXPECT_NE(make_turn_credentials(secret_of("another secret 16"), kUser, 1'000, seconds(300)).password,
              made.password);
    EXPECT_NE(make_turn_credentials(secret_of(kSecret), "somebody", 1'000, seconds(300)).password,
              made.password);
    EXPECT_NE(make_turn_credentials(secret_of(kSecret), kUser, 1'001, seconds(300)).password, made.password);
}

TEST(TurnCredentials, CutALongUserBehindACharacter) {
    std::string user;
    while (user.size() < 1'024)
        user += "😀";
    for (const std::string_view before : {"", "a", "ab", "abc"}) {
        const auto made = make_turn_credentials(secret_of(kSecret), std::string(before) + user, 1'795'474'800,
                                                seconds(3'600));
        EXPECT_LE(made.username.size(), kTurnUsernameBytesMax);
        EXPECT_GT(made.username.size(), kTurnUsernameBytesMax - 4);
        EXPECT_TRUE(codec::is_valid_utf8(made.username));
    }
}

TEST(TurnCredentials, LeaveAUserThatJustFits) {
    const std::string user(kTurnUsernameBytesMax - std::string_view("1795478400:").size(), 'u');
    const auto made = make_turn_credentials(secret_of(kSecret), user, 1'795'474'800, seconds(3'600));
    EXPECT_EQ(made.username, "1795478400:" + user);
}

}  // namespace
}  // namespace pipit::rtc
