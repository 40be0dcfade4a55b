#include "app/settings_forms.hpp"

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

TEST(ListenAddress, IsRefusedWithoutHostOrPortOrWithAnImpossibleOne) {
    for (const char* text :
         {"", ":", "8080", ":8080", "localhost", "localhost:", "localhost:65536", "localhost:-1",
          "localhost:80x", "::1:8080", "[::1]", "[::1:80", "[]:80", "[localhost]:80", "a b:80"}) {
        EXPECT_FALSE(parse_listen(text)) << text;
    }
}

TEST(ListenAddress, IsTakenApart) {
    EXPECT_EQ(parse_listen("127.0.0.1:8080")->host, "127.0.0.1");
    EXPECT_EQ(parse_listen("127.0.0.1:8080")->port, 8080);
    EXPECT_EQ(parse_listen("[::1]:0")->host, "::1");
    EXPECT_EQ(parse_listen("[::1]:0")->port, 0);
    EXPECT_EQ(parse_listen("chat.internal:65535")->port, 65535);
}

TEST(Origin, IsRefusedWhenABrowserWouldNeverSendIt) {
    for (const char* text : {"", "app.example", "https://", "https://app.example/", "https://App.example",
                             "HTTPS://app.example", "https://app.example/path", "https://user@app.example",
                             "https://app.example:", "https://app.example:x", "https://*.example", "null"}) {
        EXPECT_FALSE(is_origin(text)) << text;
    }
}

TEST(Origin, IsASchemeAHostAndPerhapsAPort) {
    for (const char* text : {"*", "https://app.example", "http://localhost:3000", "http://[::1]:3000",
                             "http://[::1]", "capacitor://localhost"}) {
        EXPECT_TRUE(is_origin(text)) << text;
    }
}

TEST(HostOrEmpty, IsRefusedWhenItIsMoreThanAHost) {
    for (const char* text : {"Chat.example", "chat.example:3478", "stun:chat.example", "2001:db8::1", "[::1",
                             "a b", "chat.example/"}) {
        EXPECT_FALSE(is_host_or_empty(text)) << text;
    }
    for (const char* text : {"", "chat.example", "192.0.2.1", "[2001:db8::1]"})
        EXPECT_TRUE(is_host_or_empty(text)) << text;
}

TEST(TurnUrl, IsRefusedInAnyOtherFormThanThatOfRfc7065) {
    for (const char* text : {"",
                             "turn",
                             "turn:",
                             "turn.example",
                             "stun:turn.example",
                             "turn://turn.example",
                             "TURN:turn.example",
                             "turn:Turn.example",
                             "turn:turn.example:",
                             "turn:turn.example:0",
                             "turn:turn.example:65536",
                             "turn:turn.example:x",
                             "turn:2001:db8::1",
                             "turn:[::1",
                             "turn:user@turn.example",
                             "turn:?transport=udp",
                             "turn:turn.example?",
                             "turn:turn.example?transport=sctp",
                             "turn:turn.example?transport=udp&x",
                             "turn:turn.example/path",
                             "turn:a,b"}) {
        EXPECT_FALSE(is_turn_url(text)) << text;
    }
}

TEST(TurnUrl, IsASchemeAHostAndPerhapsAPortAndATransport) {
    for (const char* text :
         {"turn:turn.example", "turns:turn.example", "turn:turn.example:3478", "turn:192.0.2.1?transport=udp",
          "turn:[2001:db8::1]", "turns:[2001:db8::1]:443?transport=tcp"}) {
        EXPECT_TRUE(is_turn_url(text)) << text;
    }
}

TEST(VapidSubject, IsARealAddressOrNothing) {
    for (const char* text : {"", "mailto:ops@example.com", "https://example.com/contact"})
        EXPECT_TRUE(is_vapid_subject_or_empty(text)) << text;
    for (const char* text : {"ops@example.com", "mailto:ops@localhost", "http://example.com"})
        EXPECT_FALSE(is_vapid_subject_or_empty(text)) << text;
}

TEST(Database, IsAPostgresqlUrlOrNothing) {
    for (const char* text : {"", "postgresql://db.example/pipit", "postgresql:///pipit?host=/run/postgresql"})
        EXPECT_TRUE(is_database_or_empty(text)) << text;
    for (const char* text : {"mysql://db.example/pipit", "pipit.db", "sqlite:///pipit.db", "postgresql:"})
        EXPECT_FALSE(is_database_or_empty(text)) << text;
}

TEST(GroupPattern, IsANameWithStars) {
    for (const std::string& text :
         {std::string("tea room"), std::string("room-*"), std::string("*"), std::string(255, 'n')})
        EXPECT_TRUE(is_group_pattern(text)) << text;
    for (const std::string& text :
         {std::string(), std::string("a\n"), std::string("\xff"), std::string(256, 'n')})
        EXPECT_FALSE(is_group_pattern(text)) << text;
}

TEST(PushHost, IsAHostAndPerhapsAPort) {
    for (const char* text : {"localhost", "push.example:8443", "192.0.2.1"})
        EXPECT_TRUE(is_push_host(text)) << text;
    for (const char* text : {"", "https://push.example", "push.example:x", "a b"})
        EXPECT_FALSE(is_push_host(text)) << text;
}

TEST(Pattern, IsRefusedWhenRe2DoesNotUnderstandIt) {
    EXPECT_FALSE(is_pattern(""));
    EXPECT_FALSE(is_pattern("[a-z"));
    EXPECT_FALSE(is_pattern("(?=x)"));
    EXPECT_TRUE(is_pattern("[a-z]{1,20}"));
}

TEST(KeyUrl, IsRefusedInTheClearExceptOnThisMachine) {
    for (const char* text :
         {"http://id.example/keys", "http://localhost.evil.example/keys", "http://127.0.0.1@evil/",
          "ftp://id.example/keys", "id.example/keys", "https:///keys"}) {
        EXPECT_FALSE(is_key_url(text)) << text;
    }
    for (const char* text : {"", "https://id.example/keys", "http://localhost:9000/keys",
                             "http://127.0.0.1/keys", "http://[::1]:9000/keys"}) {
        EXPECT_TRUE(is_key_url(text)) << text;
    }
}

}  // namespace
}  // namespace pipit::app
