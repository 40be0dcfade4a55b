#include "base/loopback.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::base {
namespace {

TEST(Loopback, TakesNoOtherNameForThisMachine) {
    for (const char* host : {"", "localhost.evil.example", "evil.localhost", "127.0.0.1.evil.example",
                             "127.0.0.2", "0.0.0.0", "::1", "[::2]", "LOCALHOST", "localhost:80"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

TEST(Loopback, TakesNothingAroundTheNameButAPort) {
    for (const char* authority :
         {"", ":80", "localhost:", "localhost:80@evil.example", "localhost:80:80", "localhost/",
          "localhost@evil.example", "user@localhost", "[::1]evil.example", "[::1]:80]", "evil[::1]:80"}) {
        EXPECT_FALSE(is_loopback_authority(authority)) << authority;
    }
}

TEST(Loopback, KnowsTheNamesOfThisMachine) {
    for (const std::string host : {"localhost", "127.0.0.1", "[::1]"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
        EXPECT_TRUE(is_loopback_authority(host)) << host;
        EXPECT_TRUE(is_loopback_authority(host + ":8080")) << host;
    }
}

}  // namespace
}  // namespace pipit::base
