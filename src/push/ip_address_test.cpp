#include "push/ip_address.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view text) {
    const auto address = IpAddress::parse(text);
    return address ? Bytes(address->bytes().begin(), address->bytes().end()) : Bytes{};
}

TEST(IpAddress, IsNotReadFromOtherSpellingsOfIpv4) {
    for (const std::string_view text :
         {"",           ".",          "...",       "1.2.3",      "1.2.3.4.",   ".1.2.3.4",
          "1.2.3.4.5",  "1..3.4",     "1.2.3.256", "1.2.3.1000", "01.2.3.4",   "1.2.3.00",
          "0x7f.0.0.1", "0177.0.0.1", "127.1",     "2130706433", "0x7f000001", "1.2.3.-4",
          "1.2.3.+4",   " 1.2.3.4",   "1.2.3.4 ",  "1.2.3.4/8",  "1.2.3.a"}) {
        EXPECT_EQ(bytes_of(text), Bytes{}) << text;
    }
}

TEST(IpAddress, IsNotReadFromOtherSpellingsOfIpv6) {
    for (const std::string_view text : {":",
                                        ":::",
                                        "1",
                                        "1:",
                                        ":1",
                                        "1::2::3",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:8:9",
                                        "1:2:3:4:5:6:7:8::",
                                        "::1:2:3:4:5:6:7:8",
                                        "1:2:3:4::5:6:7:8",
                                        "12345::",
                                        "g::",
                                        "::1%eth0",
                                        "[::1]",
                                        "::1/128",
                                        "1:::2",
                                        "::1.2.3",
                                        "::1.2.3.256",
                                        "1.2.3.4::",
                                        "1.2.3.4::1",
                                        "::1.2.3.4:1",
                                        "1:2:3:4:5:6:7:1.2.3.4",
                                        "::1.2.3.4:",
                                        ":1::",
                                        "::1:",
                                        "-1::",
                                        "+1::"}) {
        EXPECT_EQ(bytes_of(text), Bytes{}) << text;
    }
}

TEST(IpAddress, IsReadFromItsUsualForms) {
    EXPECT_EQ(bytes_of("0.0.0.0"), (Bytes{0, 0, 0, 0}));
    EXPECT_EQ(bytes_of("192.168.1.255"), (Bytes{192, 168, 1, 255}));
    EXPECT_EQ(bytes_of("::"), Bytes(16, 0));
    EXPECT_EQ(bytes_of("::1"), (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(bytes_of("1::"), (Bytes{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(bytes_of("2001:DB8::a:0b:cc"),
              (Bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0, 0x0b, 0, 0xcc}));
    EXPECT_EQ(bytes_of("1:2:3:4:5:6:7:8"), (Bytes{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}));
    EXPECT_EQ(bytes_of("1:2:3:4:5:6:7::"), (Bytes{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0}));
    EXPECT_EQ(bytes_of("::2:3:4:5:6:7:8"), (Bytes{0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}));
    EXPECT_EQ(bytes_of("::ffff:1.2.3.4"), (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4}));
    EXPECT_EQ(bytes_of("1:2:3:4:5:6:1.2.3.4"), (Bytes{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4}));
}

TEST(IpAddress, IsTheSameFromBytes) {
    EXPECT_EQ(IpAddress::from_bytes(Bytes{10, 0, 0, 1}), IpAddress::parse("10.0.0.1"));
    EXPECT_EQ(IpAddress::from_bytes(bytes_of("fe80::1")), IpAddress::parse("fe80::1"));
    EXPECT_FALSE(IpAddress::from_bytes(Bytes{10, 0, 0, 1}) == IpAddress::parse("::a00:1"));
}

}  // namespace
}  // namespace pipit::push
