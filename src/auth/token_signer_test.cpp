#include "auth/token_signer.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "auth/token_verifier.hpp"

namespace pipit::auth {
namespace {

constexpr base::UnixSeconds kNow = 1'700'000'000;

Secret secret_of(char fill) {
    return *Secret::from_bytes(std::string(32, fill));
}

base::Result<Identity, TokenError> verify(const std::string& token, base::UnixSeconds now) {
    const auto ring = std::make_shared<const KeyRing>(std::vector{local_issuer(secret_of('s'))});
    return TokenVerifier(ring).verify(token, now);
}

TEST(TokenSigner, MakesATokenThatAnotherSecretDoesNotAccept) {
    const auto identity = verify(sign_hs256(secret_of('x'), {.user_id = "ada", .issued_at = kNow}), kNow);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().reason, TokenError::Reason::bad_signature);
}

TEST(TokenSigner, MakesATokenThatExpiresAfterItsTime) {
    const std::string token = sign_hs256(secret_of('s'), {.user_id = "ada", .issued_at = kNow, .ttl_s = 60});
    EXPECT_EQ(verify(token, kNow + 65).error().reason, TokenError::Reason::expired);
    EXPECT_TRUE(verify(token, kNow + 64));
}

TEST(TokenSigner, MakesATokenForTheAudienceThatWasAskedAndNoOther) {
    Issuer issuer = local_issuer(secret_of('s'));
    issuer.audiences = {"chat"};
    const TokenVerifier verifier(std::make_shared<const KeyRing>(std::vector{issuer}));
    TokenRequest request{.user_id = "ada", .issued_at = kNow};
    const auto verdict = [&] { return verifier.verify(sign_hs256(secret_of('s'), request), kNow); };
    EXPECT_EQ(verdict().error().reason, TokenError::Reason::wrong_audience);
    request.audience = "shop";
    EXPECT_EQ(verdict().error().reason, TokenError::Reason::wrong_audience);
    request.audience = "chat";
    EXPECT_TRUE(verdict());
}

TEST(TokenSigner, MakesATokenThatSaysWhatWasAsked) {
    const auto identity = verify(sign_hs256(secret_of('s'), {.user_id = "J\xc3\xbcrgen \"x\"\\",
                                                             .admin = true,
                                                             .groups = std::vector<std::string>{"team-*"},
                                                             .issued_at = kNow,
                                                             .ttl_s = 60}),
                                 kNow);
    ASSERT_TRUE(identity) << identity.error().message();
    EXPECT_EQ(identity->user_id, "J\xc3\xbcrgen \"x\"\\");
    EXPECT_TRUE(identity->admin);
    EXPECT_TRUE(identity->groups.allows("team-1"));
    EXPECT_FALSE(identity->groups.allows("lobby"));
    EXPECT_EQ(identity->expires_at, kNow + 60);
}

TEST(TokenSigner, AsksForNoMoreThanItWasGiven) {
    const auto identity = verify(sign_hs256(secret_of('s'), {.user_id = "ada", .issued_at = kNow}), kNow);
    ASSERT_TRUE(identity) << identity.error().message();
    EXPECT_FALSE(identity->admin);
    EXPECT_TRUE(identity->groups.allows("anything"));
}

TEST(TokenSigner, TellsNoGroupsApartFromEveryGroup) {
    const TokenRequest request{.user_id = "ada", .groups = std::vector<std::string>{}, .issued_at = kNow};
    const auto identity = verify(sign_hs256(secret_of('s'), request), kNow);
    ASSERT_TRUE(identity) << identity.error().message();
    EXPECT_FALSE(identity->groups.allows("anything"));
}

}  // namespace
}  // namespace pipit::auth
