#include "rtc/ice_servers.hpp"

#include <gtest/gtest.h>

#include "codec/json_scan.hpp"

namespace pipit::rtc {
namespace {

constexpr base::UnixSeconds kNow = 1'795'474'800;
constexpr std::string_view kUser = "0b6e4f7a-7c1d-4b8e-9a57-2f1f6f0c9d11";

IceSettings with_stun() {
    IceSettings settings;
    settings.stun_port = 8'080;
    return settings;
}

IceSettings with_turn(IceSettings settings) {
    constexpr std::string_view kSecret = "a shared secret of coturn";
    settings.turn_urls = {"turn:turn.example.com:3478?transport=udp", "turns:turn.example.com"};
    settings.turn_secret.assign(kSecret.begin(), kSecret.end());
    return settings;
}

TEST(IceServers, AreNoneWhenNothingIsSetUp) {
    EXPECT_EQ(ice_servers_json({}, "chat.example.com", kUser, kNow), R"({"iceServers":[]})");
}

TEST(IceServers, LeaveStunOutWhenItsHostIsNotKnown) {
    EXPECT_EQ(ice_servers_json(with_stun(), "", kUser, kNow), R"({"iceServers":[]})");
}

TEST(IceServers, NameStunByTheHostThatTheClientUsed) {
    EXPECT_EQ(ice_servers_json(with_stun(), "chat.example.com", kUser, kNow),
              R"({"iceServers":[{"urls":["stun:chat.example.com:8080"]}]})");
    EXPECT_EQ(ice_servers_json(with_stun(), "[2001:db8::1]", kUser, kNow),
              R"({"iceServers":[{"urls":["stun:[2001:db8::1]:8080"]}]})");
}

TEST(IceServers, PreferTheHostOfTheSettings) {
    IceSettings settings = with_stun();
    settings.stun_host = "stun.example.com";
    for (const std::string_view host : {"", "chat.example.com"}) {
        EXPECT_EQ(ice_servers_json(settings, host, kUser, kNow),
                  R"({"iceServers":[{"urls":["stun:stun.example.com:8080"]}]})");
    }
}

TEST(IceServers, GiveTurnWithCredentialsAndHowLongTheyAreGood) {
    EXPECT_EQ(
        ice_servers_json(with_turn({}), "chat.example.com", kUser, kNow),
        R"({"iceServers":[{"urls":["turn:turn.example.com:3478?transport=udp","turns:turn.example.com"],)"
        R"("username":"1795478400:0b6e4f7a-7c1d-4b8e-9a57-2f1f6f0c9d11",)"
        R"("credential":"ZBaUM3QLHVjdx0Bfnr0r6YJQCKA="}],"expires_in_ms":3600000})");
}

TEST(IceServers, NameStunBeforeTurn) {
    const std::string json = ice_servers_json(with_turn(with_stun()), "chat.example.com", kUser, kNow);
    EXPECT_TRUE(json.starts_with(
        R"({"iceServers":[{"urls":["stun:chat.example.com:8080"]},{"urls":["turn:turn.example.com)"))
        << json;
}

TEST(IceServers, AreJsonWhateverTheUserIsCalled) {
    const std::string json = ice_servers_json(with_turn(with_stun()), "chat.example.com", "\"\\\n😀", kNow);
    EXPECT_TRUE(codec::validate_json(json, 4)) << json;
}

}  // namespace
}  // namespace pipit::rtc
