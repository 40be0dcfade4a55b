#include "push/address_rules.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

std::string_view reason(std::string_view text) {
    const auto address = IpAddress::parse(text);
    return address ? why_not_public(*address).value_or("public") : "not an address";
}

struct Case {
    std::string_view address;
    std::string_view reason;
};

TEST(AddressRules, RefuseWhatIsNotOnThePublicInternet) {
    for (const auto& [address, expected] : {
             Case{"0.0.0.0", "an unspecified address"},
             Case{"0.255.255.255", "an unspecified address"},
             Case{"10.0.0.0", "a private address"},
             Case{"10.255.255.255", "a private address"},
             Case{"172.16.0.0", "a private address"},
             Case{"172.31.255.255", "a private address"},
             Case{"192.168.0.0", "a private address"},
             Case{"192.168.255.255", "a private address"},
             Case{"100.64.0.0", "an address shared behind a carrier's NAT"},
             Case{"100.127.255.255", "an address shared behind a carrier's NAT"},
             Case{"100.100.100.200", "a cloud's metadata address"},
             Case{"127.0.0.0", "a loopback address"},
             Case{"127.0.0.1", "a loopback address"},
             Case{"127.255.255.255", "a loopback address"},
             Case{"169.254.0.0", "a link-local address"},
             Case{"169.254.255.255", "a link-local address"},
             Case{"169.254.169.254", "a cloud's metadata address"},
             Case{"168.63.129.16", "a cloud's metadata address"},
             Case{"192.0.0.8", "a reserved address"},
             Case{"192.0.2.1", "a documentation address"},
             Case{"198.51.100.1", "a documentation address"},
             Case{"203.0.113.255", "a documentation address"},
             Case{"192.88.99.1", "a reserved address"},
             Case{"198.18.0.0", "a benchmarking address"},
             Case{"198.19.255.255", "a benchmarking address"},
             Case{"224.0.0.1", "a multicast address"},
             Case{"239.255.255.255", "a multicast address"},
             Case{"240.0.0.0", "a reserved address"},
             Case{"255.255.255.255", "a reserved address"},
             Case{"::", "an unspecified address"},
             Case{"::1", "a loopback address"},
             Case{"::2", "a reserved address"},
             Case{"::127.0.0.1", "a reserved address"},
             Case{"fc00::", "a private address"},
             Case{"fdff:ffff::1", "a private address"},
             Case{"fd00:ec2::254", "a cloud's metadata address"},
             Case{"fe80::1", "a link-local address"},
             Case{"febf::1", "a link-local address"},
             Case{"fec0::1", "a private address"},
             Case{"ff02::1", "a multicast address"},
             Case{"2001::1", "a reserved address"},
             Case{"2001:1ff::1", "a reserved address"},
             Case{"2001:db8::1", "a documentation address"},
             Case{"3fff:fff::1", "a documentation address"},
             Case{"100::1", "a reserved address"},
             Case{"4000::1", "a reserved address"},
             Case{"64:ff9b:1::8.8.8.8", "a reserved address"},
             Case{"::ffff:127.0.0.1", "a loopback address"},
             Case{"::ffff:10.1.2.3", "a private address"},
             Case{"::ffff:169.254.169.254", "a cloud's metadata address"},
             Case{"64:ff9b::192.168.0.1", "a private address"},
             Case{"64:ff9b::127.0.0.1", "a loopback address"},
             Case{"2002:7f00:1::1", "a loopback address"},
             Case{"2002:a9fe:a9fe::", "a cloud's metadata address"},
             Case{"2002:c0a8:101::", "a private address"},
         }) {
        EXPECT_EQ(reason(address), expected) << address;
    }
}

TEST(AddressRules, AllowTheRestAndTheNeighboursOfWhatTheyRefuse) {
    for (const std::string_view address :
         {"1.0.0.0",         "9.255.255.255", "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
          "126.255.255.255", "128.0.0.0",     "169.253.255.255", "169.255.0.0",     "172.15.255.255",
          "172.32.0.0",      "192.0.1.0",     "192.0.3.0",       "192.167.255.255", "192.169.0.0",
          "198.17.255.255",  "198.20.0.0",    "203.0.112.255",   "203.0.114.0",     "223.255.255.255",
          "8.8.8.8",         "2001:200::1",   "2001:db7::1",     "2001:db9::1",     "2606:4700::1111",
          "3ffe:ffff::1",    "3fff:1000::1",  "2a00::1",         "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8",
          "2002:808:808::1"}) {
        EXPECT_EQ(reason(address), "public") << address;
    }
}

}  // namespace
}  // namespace pipit::push
