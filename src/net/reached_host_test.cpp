#include "net/reached_host.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

TEST(ReachedHost, IsNothingThatCouldNotBeAHost) {
    const std::string long_name(256, 'a');
    for (const std::string& field :
         {std::string(), std::string(":8080"), std::string("a b"), std::string("a_b"),
          std::string("user@host"), std::string("host/path"), std::string("a\"b"), std::string("2001:db8::1"),
          std::string("[2001:db8::1"), std::string("2001:db8::1]"), std::string("[]"), std::string("[]:80"),
          std::string("[localhost]"), std::string("[fe80::1%1]"), std::string("[::1]x"),
          std::string("h\xc3\xb6st"), std::string("a, b"), long_name}) {
        EXPECT_EQ(reached_host(field), "") << field;
    }
}

TEST(ReachedHost, IsTheFieldWithoutItsPort) {
    EXPECT_EQ(reached_host("chat.example.com"), "chat.example.com");
    EXPECT_EQ(reached_host("Chat.example.com:443"), "Chat.example.com");
    EXPECT_EQ(reached_host("192.0.2.1:8080"), "192.0.2.1");
    EXPECT_EQ(reached_host("[2001:db8::1]"), "[2001:db8::1]");
    EXPECT_EQ(reached_host("[::1]:8080"), "[::1]");
    EXPECT_EQ(reached_host(std::string(255, 'a') + ":1"), std::string(255, 'a'));
}

}  // namespace
}  // namespace pipit::net
