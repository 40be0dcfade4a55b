#include "codec/ws_handshake.hpp"

#include <array>

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

constexpr std::array<std::string_view, 2> kSupported = {"pipit.v1", "skapi"};

TEST(HandshakeKey, IsRefusedUnlessItStandsFor16Bytes) {
    for (const char* key :
         {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
          "dGhlIHNhbXBsZSBub25jZWU=", "dGhlIHNhbXBsZSBub25jZWVl",
          "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZSBub25j-_==", "dGhlIHNhbXBs SBub25jZQ==",
          " dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="}) {
        EXPECT_FALSE(is_valid_key(key)) << key;
    }
    EXPECT_TRUE(is_valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
    EXPECT_TRUE(is_valid_key("+/+/+/+/+/+/+/+/+/+/+/=="));
}

// RFC 6455 section 1.3.
TEST(HandshakeKey, IsAnsweredAsTheRfcShows) {
    EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(HeaderTokens, AreComparedWholeAndInAnyCase) {
    EXPECT_FALSE(header_has_token("", "upgrade"));
    EXPECT_FALSE(header_has_token(",,", "upgrade"));
    EXPECT_FALSE(header_has_token("upgraded", "upgrade"));
    EXPECT_FALSE(header_has_token("not upgrade", "upgrade"));
    EXPECT_FALSE(header_has_token("keep-alive", "upgrade"));
    EXPECT_TRUE(header_has_token("Upgrade", "upgrade"));
    EXPECT_TRUE(header_has_token("keep-alive, UPGRADE", "upgrade"));
    EXPECT_TRUE(header_has_token("keep-alive,\t upgrade \t,x", "upgrade"));
}

TEST(Subprotocol, IsNoneWithoutACommonName) {
    EXPECT_FALSE(choose_subprotocol("", kSupported));
    EXPECT_FALSE(choose_subprotocol(" , ,", kSupported));
    EXPECT_FALSE(choose_subprotocol("PIPIT.V1", kSupported));
    EXPECT_FALSE(choose_subprotocol("pipit.v2, pipit.v11", kSupported));
    EXPECT_FALSE(choose_subprotocol("pipit.v1", {}));
}

TEST(Subprotocol, IsTheFirstOfTheClientsThatWeKnow) {
    EXPECT_EQ(choose_subprotocol("pipit.v1", kSupported), "pipit.v1");
    EXPECT_EQ(choose_subprotocol("skapi, pipit.v1", kSupported), "skapi");
    EXPECT_EQ(choose_subprotocol("graphql-ws ,\tpipit.v1 , skapi", kSupported), "pipit.v1");
}

TEST(SubprotocolSuffix, IsNothingUnlessATokenFollowsThePrefix) {
    EXPECT_FALSE(subprotocol_suffix("", "pipit.token."));
    EXPECT_FALSE(subprotocol_suffix("pipit.v1, pipit.token", "pipit.token."));
    EXPECT_FALSE(subprotocol_suffix("pipit.token.", "pipit.token."));
    EXPECT_FALSE(subprotocol_suffix("pipit.token.a b", "pipit.token."));
    EXPECT_FALSE(subprotocol_suffix("pipit.token.a=", "pipit.token."));
    EXPECT_FALSE(subprotocol_suffix("x.pipit.token.a", "pipit.token."));
}

TEST(SubprotocolSuffix, CarriesAToken) {
    EXPECT_EQ(subprotocol_suffix("pipit.v1, pipit.token.eyJh.eyJz-_.c2ln", "pipit.token."),
              "eyJh.eyJz-_.c2ln");
    EXPECT_EQ(subprotocol_suffix("pipit.token., pipit.token.a, pipit.token.b", "pipit.token."), "a");
}

}  // namespace
}  // namespace pipit::codec
