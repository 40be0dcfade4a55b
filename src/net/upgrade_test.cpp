#include "net/upgrade.hpp"

#include <gmock/gmock.h>
#include <map>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Headers = std::map<std::string, std::string, std::less<>>;

/// A handshake of RFC 6455 section 1.3, and what is changed of it.
class UpgradeTest : public testing::Test {
 protected:
    UpgradeTest() { rules_.subprotocol = "pipit.v1"; }

    std::variant<UpgradeAccepted, HttpResponse> decide() {
        HttpRequest request;
        request.method = method_;
        request.query = query_;
        request.http_1_1 = http_1_1_;
        request.is_tls = is_tls_;
        request.header = [this](std::string_view name) {
            const auto found = headers_.find(name);
            return found == headers_.end() ? std::string() : found->second;
        };
        return decide_upgrade(request, rules_);
    }
    /// 101 when it is accepted.
    int status() {
        const auto decision = decide();
        const auto* refused = std::get_if<HttpResponse>(&decision);
        return refused != nullptr ? refused->status : 101;
    }
    UpgradeAccepted accepted() { return std::get<UpgradeAccepted>(decide()); }

    std::string_view method_ = "GET";
    std::string_view query_;
    bool http_1_1_ = true;
    bool is_tls_ = false;
    UpgradeRules rules_;
    Headers headers_{{"Host", "chat.example"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Sec-WebSocket-Protocol", "pipit.v1"}};
};

TEST_F(UpgradeTest, RefusesAnotherMethodAndAnOlderHttp) {
    method_ = "POST";
    EXPECT_EQ(status(), 400);
    method_ = "GET";
    http_1_1_ = false;
    EXPECT_EQ(status(), 400);
}

TEST_F(UpgradeTest, AsksForTheUpgradeWhenThereIsNone) {
    for (const char* name : {"Connection", "Upgrade"}) {
        const std::string before = std::exchange(headers_[name], "close");
        const auto refused = std::get<HttpResponse>(decide());
        EXPECT_EQ(refused.status, 426) << name;
        EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("Upgrade", "websocket")));
        headers_[name] = before;
    }
}

TEST_F(UpgradeTest, NamesTheVersionThatItSpeaks) {
    headers_["Sec-WebSocket-Version"] = "8";
    const auto refused = std::get<HttpResponse>(decide());
    EXPECT_EQ(refused.status, 426);
    EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("Sec-WebSocket-Version", "13")));
}

TEST_F(UpgradeTest, RefusesAKeyThatIsNotSixteenBytes) {
    headers_["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZQ==";
    EXPECT_EQ(status(), 400);
}

TEST_F(UpgradeTest, RefusesWhoDoesNotOfferTheSubprotocol) {
    headers_["Sec-WebSocket-Protocol"] = "chat, pipit.v2";
    EXPECT_EQ(status(), 400);
}

TEST_F(UpgradeTest, RefusesPagesOfOtherOriginsAndNamesTheSetting) {
    headers_["Origin"] = "https://evil.example";
    const auto refused = std::get<HttpResponse>(decide());
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("server.allowed_origins"));
}

TEST_F(UpgradeTest, RefusesAPageThatCameInTheClearWhenItIsUnderTls) {
    headers_["Origin"] = "http://chat.example";
    EXPECT_EQ(status(), 101);
    is_tls_ = true;
    EXPECT_EQ(status(), 403);
    headers_["Origin"] = "https://chat.example";
    EXPECT_EQ(status(), 101);
}

TEST_F(UpgradeTest, AnswersTheKeyAndSelectsTheSubprotocolAlone) {
    headers_["Sec-WebSocket-Protocol"] = "pipit.token.abc.def, pipit.v1";
    headers_["Sec-WebSocket-Extensions"] = "permessage-deflate";
    const UpgradeAccepted answer = accepted();
    EXPECT_THAT(answer.response, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(answer.response, HasSubstr("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    EXPECT_THAT(answer.response, HasSubstr("\r\nSec-WebSocket-Protocol: pipit.v1\r\n"));
    EXPECT_THAT(answer.response, Not(HasSubstr("Extensions")));
    EXPECT_THAT(answer.response, EndsWith("\r\n\r\n"));
    EXPECT_EQ(answer.token, "abc.def");
    EXPECT_FALSE(answer.deflate);
}

TEST_F(UpgradeTest, AgreesToCompressionOnlyWhenItIsOffered) {
    rules_.deflate = codec::DeflateSettings{};
    EXPECT_FALSE(accepted().deflate);
    headers_["Sec-WebSocket-Extensions"] = "permessage-deflate";
    const UpgradeAccepted answer = accepted();
    EXPECT_TRUE(answer.deflate);
    EXPECT_THAT(answer.response, HasSubstr("\r\nSec-WebSocket-Extensions: permessage-deflate"));
    EXPECT_FALSE(answer.token);
}

bool is_allowed(std::string_view origin, const UpgradeRules& rules, bool is_tls = false) {
    return is_origin_allowed(origin, "chat.example:8080", is_tls, rules);
}

TEST(Origin, MustBeOfTheHostWhenNoneIsListed) {
    for (const char* origin :
         {"null", "", "chat.example:8080", "https://chat.example", "https://chat.example:8081",
          "https://chat.example:8080.evil.example", "ftp://chat.example:8080", "http://localhost:3000"}) {
        EXPECT_FALSE(is_allowed(origin, {})) << origin;
    }
    EXPECT_TRUE(is_allowed("http://chat.example:8080", {}));
    EXPECT_TRUE(is_allowed("https://Chat.Example:8080", {}));  // TLS may have ended at a proxy
}

TEST(Origin, MustBeListedExactlyWhenAnyIs) {
    UpgradeRules rules;
    rules.allowed_origins = {"https://a.example", "http://b.example:81"};
    for (const char* origin : {"http://a.example", "https://a.example:444", "http://b.example",
                               "http://chat.example:8080", "null"}) {
        EXPECT_FALSE(is_allowed(origin, rules)) << origin;
    }
    EXPECT_TRUE(is_allowed("https://A.example", rules));
    EXPECT_TRUE(is_allowed("http://b.example:81", rules, true));  // whoever lists it wants it
}

TEST(Origin, MayBeAnyWithAStar) {
    UpgradeRules rules;
    rules.allowed_origins = {"*"};
    EXPECT_TRUE(is_allowed("null", rules));
    EXPECT_TRUE(is_allowed("http://evil.example", rules, true));
}

TEST(Origin, MayBeOfThisMachineInDevelopment) {
    UpgradeRules rules;
    rules.allow_loopback_origins = true;
    for (const char* origin : {"http://localhost.evil.example", "http://evil.example:80", "null", "file://",
                               "localhost:3000", "http://user@localhost", "foo://localhost"}) {
        EXPECT_FALSE(is_allowed(origin, rules)) << origin;
        EXPECT_FALSE(is_loopback_origin(origin)) << origin;
    }
    for (const char* origin : {"http://localhost:3000", "https://127.0.0.1", "http://[::1]:80"}) {
        EXPECT_TRUE(is_allowed(origin, rules)) << origin;
        EXPECT_TRUE(is_loopback_origin(origin)) << origin;
    }
}

TEST_F(UpgradeTest, TakesTheTokenFromTheQueryWhereTheEndpointHasItThere) {
    rules_.subprotocol.clear();
    rules_.token_parameter = "token";
    query_ = "a=1&token=a.b%2Dc";
    EXPECT_EQ(accepted().token, "a.b-c");
    query_ = "";
    EXPECT_EQ(accepted().token, "");
}

}  // namespace
}  // namespace pipit::net
