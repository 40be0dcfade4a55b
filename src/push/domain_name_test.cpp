#include "push/domain_name.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

TEST(DomainName, IsLabelsOfLettersDigitsAndInnerHyphens) {
    for (const std::string_view name : {"", ".", "a.", ".a", "a..b", "-a.b", "a-.b", "a_b.c", "a b", "a,b",
                                        "A.b", "b\xc3\xbc.de", "%61.b"}) {
        EXPECT_FALSE(is_domain_name(name)) << name;
    }
    EXPECT_FALSE(is_domain_name(std::string_view("a\0b", 3)));
    for (const std::string_view name :
         {"a", "localhost", "push", "a.b", "1.a", "a-b.c-d", "xn--bcher-kva.example"}) {
        EXPECT_TRUE(is_domain_name(name)) << name;
    }
}

TEST(DomainName, DoesNotEndInANumber) {
    for (const std::string_view name :
         {"1", "127.1", "1.2.3.4", "2130706433", "a.1", "0x7f000001", "a.0x1"}) {
        EXPECT_FALSE(is_domain_name(name)) << name;
    }
}

TEST(DomainName, HasItsLimits) {
    const std::string label(63, 'a');
    EXPECT_TRUE(is_domain_name(label + ".b"));
    EXPECT_FALSE(is_domain_name(label + "a.b"));
    const std::string name = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
    ASSERT_EQ(name.size(), 253u);
    EXPECT_TRUE(is_domain_name(name));
    EXPECT_FALSE(is_domain_name(name + 'a'));
}

TEST(DomainName, IsNotPublicWhenItIsOfAMachineOrANetwork) {
    for (const std::string_view name :
         {"localhost", "a.localhost", "push", "metadata", "metadata.google.internal", "printer.local",
          "a.test", "a.invalid", "a.example", "router.home.arpa", "home.arpa", "localhost.localdomain",
          "1.2.3.4"}) {
        EXPECT_FALSE(is_public_domain_name(name)) << name;
    }
    for (const std::string_view name : {"example.com", "notlocalhost.com", "my.homearpa", "mylocal.net",
                                        "a.mytest", "fcm.googleapis.com", "web.push.apple.com"}) {
        EXPECT_TRUE(is_public_domain_name(name)) << name;
    }
}

}  // namespace
}  // namespace pipit::push
