#include "push/vapid_subject.hpp"

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

TEST(VapidSubject, IsRefusedWhenNobodyCanBeReachedThere) {
    for (const std::string_view text : {"",
                                        "mailto:",
                                        "mailto:a",
                                        "mailto:@example.com",
                                        "mailto:a@",
                                        "mailto:a@localhost",
                                        "mailto:a@b.local",
                                        "mailto:a@b.test",
                                        "mailto:a@b.invalid",
                                        "mailto:a@192.0.2.1",
                                        "mailto:a@[192.0.2.1]",
                                        "mailto: a@example.com",
                                        "mailto:<a@example.com>",
                                        "mailto:a@example.com ",
                                        "mailto:a@example.com,b@example.com",
                                        "mailto:a@example.com?subject=x",
                                        "mailto:a b@example.com",
                                        "mailto:.a@example.com",
                                        "mailto:a.@example.com",
                                        "mailto:a..b@example.com",
                                        "mailto:a@b@example.com",
                                        "mailto:a@example.com\n",
                                        "MAILTO:a@example.com",
                                        "a@example.com",
                                        "https://",
                                        "https://localhost",
                                        "https://localhost:8080/",
                                        "https://127.0.0.1/",
                                        "https://8.8.8.8/",
                                        "https://[2606:4700::1]/",
                                        "https://push",
                                        "https://a.internal/",
                                        "http://example.com",
                                        "https://u@example.com",
                                        "https://example.com/ a",
                                        "tel:+123",
                                        "example.com"}) {
        EXPECT_FALSE(VapidSubject::parse(text)) << text;
    }
}

TEST(VapidSubject, SaysWhatIsAllowed) {
    EXPECT_EQ(
        VapidSubject::parse("mailto:admin@localhost").error().message,
        "the VAPID subject must be mailto: and one mail address, or an https URL, of at most 255 characters "
        "and in a domain that others can reach, such as mailto:push@example.com");
}

TEST(VapidSubject, IsAMailAddressOrASite) {
    for (const std::string_view text :
         {"mailto:push@example.com", "mailto:First.Last+tag@Mail.Example.org", "https://example.com",
          "https://example.com/contact", "https://example.com:8443/contact?topic=push"}) {
        const auto subject = VapidSubject::parse(text);
        ASSERT_TRUE(subject) << text;
        EXPECT_EQ(subject.value().text(), text);
    }
}

TEST(VapidSubject, HasItsLimits) {
    EXPECT_TRUE(VapidSubject::parse("mailto:" + std::string(64, 'a') + "@example.com"));
    EXPECT_FALSE(VapidSubject::parse("mailto:" + std::string(65, 'a') + "@example.com"));
    const std::string site = "https://example.com/";
    EXPECT_TRUE(VapidSubject::parse(site + std::string(255 - site.size(), 'a')));
    EXPECT_FALSE(VapidSubject::parse(site + std::string(256 - site.size(), 'a')));
}

}  // namespace
}  // namespace pipit::push
