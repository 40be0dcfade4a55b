#include "push/target_rules.hpp"

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

Endpoint endpoint(std::string_view url) {
    return Endpoint::parse(url).value();
}

std::string fault(const TargetRules& rules, std::string_view url) {
    const auto status = rules.check(endpoint(url));
    return status ? "none" : status.error().message;
}

TEST(TargetRules, RefuseNamesOfMachinesAndNetworks) {
    const TargetRules rules;
    EXPECT_EQ(fault(rules, "https://localhost/"),
              "must have a host that is a public name; \"localhost\" is none");
    for (const std::string_view url :
         {"https://push/", "https://a.LOCAL/", "https://metadata.google.internal/"})
        EXPECT_FALSE(rules.check(endpoint(url))) << url;
    EXPECT_TRUE(rules.check(endpoint("https://push.example.net/")));
}

TEST(TargetRules, RefuseAddressesThatAreNotPublic) {
    const TargetRules rules;
    EXPECT_EQ(fault(rules, "https://127.0.0.1/"),
              "must have a host with a public address; \"127.0.0.1\" has a loopback address");
    for (const std::string_view url :
         {"https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/latest",
          "https://[::ffff:10.0.0.1]/", "https://[fe80::1]/"})
        EXPECT_FALSE(rules.check(endpoint(url))) << url;
    EXPECT_TRUE(rules.check(endpoint("https://8.8.8.8/")));
}

TEST(TargetRules, RefuseWhatAPublicNameTurnsOutToBe) {
    const TargetRules rules;
    const Endpoint named = endpoint("https://rebinding.example.net/");
    EXPECT_TRUE(rules.check(named));
    EXPECT_EQ(
        rules.check_address(named, *IpAddress::parse("169.254.169.254")).error().message,
        "must have a host with a public address; \"rebinding.example.net\" has a cloud's metadata address");
    EXPECT_TRUE(rules.check_address(named, *IpAddress::parse("8.8.8.8")));
}

TEST(TargetRules, AdmitNothingButHosts) {
    for (const std::string host : {"", "https://a.com", "a.com/", "a.com/b", "a.com?b", "a.com#b", "u@a.com",
                                   "a.com:", "a.com:0", "::1", "*.a.com", "10.0.0.0/8", "a b"}) {
        EXPECT_FALSE(TargetRules::admitting({"good.com", host})) << host;
    }
    EXPECT_EQ(TargetRules::admitting({"a.com/"}).error().message,
              "\"a.com/\" must be a host, or a host and a port, such as localhost:8443");
}

TEST(TargetRules, ExemptWhomTheOperatorAdmits) {
    const TargetRules rules = TargetRules::admitting({"localhost", "Push.Internal:8443", "10.0.0.1",
                                                      "[::1]:9000", "[::2]", "a.b:443"})
                                  .value();
    EXPECT_TRUE(rules.check(endpoint("https://localhost/")));
    EXPECT_TRUE(rules.check(endpoint("https://LOCALHOST:1234/")));
    EXPECT_TRUE(rules.check_address(endpoint("https://localhost/"), *IpAddress::parse("127.0.0.1")));
    EXPECT_TRUE(rules.check(endpoint("https://push.internal:8443/")));
    EXPECT_TRUE(rules.check_address(endpoint("https://push.internal:8443/"), *IpAddress::parse("10.9.9.9")));
    EXPECT_TRUE(rules.check(endpoint("https://10.0.0.1/")));
    EXPECT_TRUE(rules.check(endpoint("https://[::1]:9000/")));
    EXPECT_TRUE(rules.check(endpoint("https://[::2]:9000/")));
    for (const std::string_view url : {"https://push.internal/", "https://a.localhost/", "https://10.0.0.2/",
                                       "https://[::1]/", "https://127.0.0.1/"})
        EXPECT_FALSE(rules.check(endpoint(url))) << url;
    EXPECT_FALSE(rules.check_address(endpoint("https://a.com/"), *IpAddress::parse("10.0.0.1")));
}

}  // namespace
}  // namespace pipit::push
