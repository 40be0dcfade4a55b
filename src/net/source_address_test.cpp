#include "net/source_address.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using asio::ip::make_address;

TEST(CountedAddress, IsAWholeNetworkOfIpv6) {
    EXPECT_EQ(counted_address(make_address("2001:db8:1:2:3:4:5:6")), make_address("2001:db8:1:2::"));
    EXPECT_NE(counted_address(make_address("2001:db8:1:2::1")),
              counted_address(make_address("2001:db8:1:3::1")));
}

TEST(CountedAddress, IsASingleAddressOfIpv4HoweverItCame) {
    EXPECT_EQ(counted_address(make_address("192.0.2.1")), make_address("192.0.2.1"));
    EXPECT_EQ(counted_address(make_address("::ffff:192.0.2.1")), make_address("192.0.2.1"));
}

TEST(Unmapped, LeavesIpv6AsItIs) {
    EXPECT_EQ(unmapped(make_address("2001:db8::1")), make_address("2001:db8::1"));
    EXPECT_EQ(unmapped(make_address("::ffff:192.0.2.1")), make_address("192.0.2.1"));
}

}  // namespace
}  // namespace pipit::net
