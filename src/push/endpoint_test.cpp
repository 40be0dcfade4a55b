#include "push/endpoint.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

std::string fault(std::string_view url) {
    const auto endpoint = Endpoint::parse(url);
    return endpoint ? "none" : endpoint.error().message;
}

TEST(Endpoint, IsHttps) {
    for (const std::string_view url :
         {"", "https", "https:", "https:/", "http://a.com/", "ftp://a.com/", "//a.com/", "a.com",
          " https://a.com/", "HTTPS://a.com/", "https:a.com", "https:\\\\a.com", "javascript:alert(1)",
          "file:///etc/passwd"}) {
        EXPECT_EQ(fault(url), "must begin with https://") << url;
    }
}

TEST(Endpoint, HasNoUserInformation) {
    for (const std::string_view url : {"https://u@a.com/", "https://u:p@a.com/", "https://@a.com/",
                                       "https://a.com@b.com/", "https://a.com:443@b.com/"}) {
        EXPECT_EQ(fault(url), "must have no user name or password in it") << url;
    }
}

TEST(Endpoint, HasNoFragment) {
    EXPECT_EQ(fault("https://a.com/b#c"), "must have no fragment (#)");
    EXPECT_EQ(fault("https://a.com#@b.com"), "must have no fragment (#)");
    EXPECT_EQ(fault("https://a.com?b#"), "must have no fragment (#)");
}

TEST(Endpoint, HasOnlyCharactersOfAUrl) {
    using namespace std::string_view_literals;
    for (const std::string_view url :
         {"https://a.com/ b"sv, "https://a.com/\r\nX: y"sv, "https://a.com/\0"sv, "https://a.com/\x7f"sv,
          "https://a.com/\xc3\xbc"sv, "https://a.com\\@b.com/"sv, "https://a.com/\""sv, "https://a.com/<"sv,
          "https://a.com/[x]"sv, "https://a.com/%"sv, "https://a.com/%4"sv, "https://a.com/%4g"sv,
          "https://a.com/^"sv, "https://a.com/|"sv, "https://a.com/`"sv, "https://a.com/{}"sv}) {
        EXPECT_EQ(fault(url), "must have only the characters that a URL may have, others as %XX") << url;
    }
}

TEST(Endpoint, HasAPortOrNone) {
    for (const std::string_view url : {"https://a.com:/", "https://a.com:0/", "https://a.com:65536/",
                                       "https://a.com:0443/", "https://a.com:+443/", "https://a.com:4 3/",
                                       "https://a.com:443:443/", "https://[::1]:x/", "https://::1/"}) {
        EXPECT_EQ(fault(url), "must have a port from 1 to 65535, or none") << url;
    }
}

TEST(Endpoint, HasAHostThatAllReadAlike) {
    for (const std::string_view url :
         {"https://", "https:///a", "https://.", "https://a..b/", "https://a.com./", "https://127.1/",
          "https://0x7f.1/", "https://0177.0.0.1/", "https://2130706433/", "https://1.2.3.4.5/",
          "https://a b/", "https://a%2ecom/", "https://b\xc3\xbc.de/", "https://a_b.com/", "https://[/",
          "https://]/", "https://[]/", "https://a]b/"}) {
        EXPECT_EQ(fault(url), "must have a host: a domain name, or an IP address in its usual form") << url;
    }
    for (const std::string_view url : {"https://[1.2.3.4]/", "https://[a.com]/", "https://[::1%25eth0]/",
                                       "https://[:::]/", "https://[v1.a]/"}) {
        EXPECT_EQ(fault(url), "must have an IPv6 address between the brackets") << url;
    }
}

TEST(Endpoint, HasAtMost2048Characters) {
    const std::string front = "https://a.com/";
    EXPECT_EQ(fault(front + std::string(2'048 - front.size(), 'x')), "none");
    EXPECT_EQ(fault(front + std::string(2'049 - front.size(), 'x')), "must have at most 2048 characters");
}

TEST(Endpoint, IsWhatPushServicesGiveOut) {
    struct Case {
        std::string_view url;
        std::string_view host;
        std::uint16_t port;
        std::string_view origin;
    };
    for (const auto& [url, host, port, origin] : {
             Case{"https://fcm.googleapis.com/fcm/send/"
                  "dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O-byuxb_wJsKRaKvV",
                  "fcm.googleapis.com", 443, "https://fcm.googleapis.com"},
             Case{"https://updates.push.services.mozilla.com/wpush/v2/gAAAAABh==",
                  "updates.push.services.mozilla.com", 443, "https://updates.push.services.mozilla.com"},
             Case{"https://web.push.apple.com/QGuQyavXutnMH", "web.push.apple.com", 443,
                  "https://web.push.apple.com"},
             Case{"https://wns2-par02p.notify.windows.com/w/?token=BQYAAAC%2bRa%2f",
                  "wns2-par02p.notify.windows.com", 443, "https://wns2-par02p.notify.windows.com"},
             Case{"https://Push.Example.NET", "push.example.net", 443, "https://push.example.net"},
             Case{"https://push.example.net:443?a", "push.example.net", 443, "https://push.example.net"},
             Case{"https://push.example.net:8443/a", "push.example.net", 8443,
                  "https://push.example.net:8443"},
             Case{"https://192.0.2.1:65535/", "192.0.2.1", 65535, "https://192.0.2.1:65535"},
             Case{"https://[2001:DB8::1]/a", "2001:db8::1", 443, "https://[2001:db8::1]"},
             Case{"https://[2001:db8::1]:444/a", "2001:db8::1", 444, "https://[2001:db8::1]:444"},
             Case{"https://localhost/a", "localhost", 443, "https://localhost"},
         }) {
        const auto endpoint = Endpoint::parse(url);
        ASSERT_TRUE(endpoint) << url << ' ' << endpoint.error().message;
        EXPECT_EQ(endpoint.value().url(), url);
        EXPECT_EQ(endpoint.value().host(), host);
        EXPECT_EQ(endpoint.value().port(), port);
        EXPECT_EQ(endpoint.value().origin(), origin);
    }
}

TEST(Endpoint, KnowsAnAddressFromAName) {
    EXPECT_FALSE(Endpoint::parse("https://a.com/").value().address());
    EXPECT_EQ(Endpoint::parse("https://1.2.3.4/").value().address(), IpAddress::parse("1.2.3.4"));
    EXPECT_EQ(Endpoint::parse("https://[::1]/").value().address(), IpAddress::parse("::1"));
}

}  // namespace
}  // namespace pipit::push
