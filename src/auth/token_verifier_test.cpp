#include "auth/token_verifier.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auth/hmac.hpp"
#include "auth/testing/token_error_print.hpp"
#include "auth/testing/token_forge.hpp"
#include "auth/token_signer.hpp"
#include "base/base64url.hpp"

namespace pipit::auth {
namespace {

using Reason = TokenError::Reason;

constexpr base::UnixSeconds kNow = 1'700'000'000;
const std::string kClaims = R"({"sub":"ada","exp":1700000100})";
const std::string kSecretText = "a secret of more than 32 bytes for tests";

Secret secret() {
    return *Secret::from_bytes(kSecretText);
}

std::shared_ptr<const KeySet> keys_of(std::initializer_list<std::string> jwks) {
    auto keys = parse_jwks(jwks_of(jwks));
    PIPIT_ASSERT(keys);
    return std::make_shared<const KeySet>(std::move(*keys));
}

TokenVerifier verifier_of(std::vector<Issuer> issuers, TokenRules rules = {}) {
    return TokenVerifier(std::make_shared<const KeyRing>(std::move(issuers)), rules);
}

/// One issuer without a name, with these keys.
TokenVerifier verifier_of(std::initializer_list<std::string> jwks) {
    return verifier_of(std::vector{Issuer{std::nullopt, {}, keys_of(jwks)}});
}

TokenVerifier hs256_verifier(TokenRules rules = {}) {
    Issuer issuer = local_issuer(secret());
    issuer.iss.reset();
    return verifier_of(std::vector{issuer}, rules);
}

std::optional<Reason> reason_of(const TokenVerifier& verifier, const std::string& token) {
    const auto identity = verifier.verify(token, kNow);
    return identity ? std::nullopt : std::optional(identity.error().reason);
}

/// A token with any header, signed with secret() or with `key` for a secret.
std::string hs256_token(const std::string& header, const std::string& claims, const Secret& key = secret()) {
    const std::string input = signing_input(header, claims);
    return compact(input, base::as_text(hmac_sha256(key, input)));
}

TEST(TokenVerifier, RefusesWhatIsNoToken) {
    const TokenVerifier verifier = hs256_verifier();
    for (const char* token : {"", ".", "..", "...", "a.b.c", "e30.e30.e30", "\xff.\xff.\xff"}) {
        EXPECT_EQ(reason_of(verifier, token), Reason::malformed) << token;
    }
    const std::string header = R"({"alg":"HS256"})";
    EXPECT_EQ(reason_of(verifier, hs256_token("[]", kClaims)), Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(header + "x", kClaims)), Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(header, "\"ada\"")), Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(header, "{\"sub\":\"\xff\",\"exp\":1700000100}")),
              Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(header, R"({"sub":"\ud800","exp":1700000100})")),
              Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(R"({"typ":"JWT"})", kClaims)), Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(R"({"alg":["HS256"]})", kClaims)), Reason::malformed);
    EXPECT_EQ(reason_of(verifier, hs256_token(R"({"alg":"HS256","kid":7})", kClaims)), Reason::malformed);
}

TEST(TokenVerifier, RefusesDeeplyNestedJson) {
    const std::string deep =
        R"({"sub":"ada","exp":1700000100,"x":)" + std::string(1000, '[') + std::string(1000, ']') + "}";
    EXPECT_EQ(reason_of(hs256_verifier(), sign_payload_hs256(secret(), deep)), Reason::malformed);
}

TEST(TokenVerifier, RefusesATokenOverItsLengthLimit) {
    // The claim x is grown until the token is as long as it may be.
    const auto token_with = [](std::size_t x_bytes) {
        return sign_payload_hs256(
            secret(), R"({"sub":"ada","exp":1700000100,"x":")" + std::string(x_bytes, 'x') + "\"}");
    };
    std::size_t x_bytes = 6000;
    while (token_with(x_bytes + 1).size() <= TokenRules{}.token_bytes_max)
        ++x_bytes;
    EXPECT_EQ(reason_of(hs256_verifier(), token_with(x_bytes)), std::nullopt);
    EXPECT_EQ(reason_of(hs256_verifier(), token_with(x_bytes + 1)), Reason::too_long);
    EXPECT_EQ(reason_of(hs256_verifier({.token_bytes_max = 10}), token_with(0)), Reason::too_long);
}

TEST(TokenVerifier, RefusesATamperedTokenAtEveryByte) {
    const std::string good = hs256_token(R"({"alg":"HS256"})", kClaims);
    ASSERT_EQ(reason_of(hs256_verifier(), good), std::nullopt);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string token = good;
        token[i] = token[i] == 'A' ? 'B' : 'A';
        EXPECT_NE(reason_of(hs256_verifier(), token), std::nullopt) << i;
    }
}

TEST(TokenVerifier, RefusesTheSignatureOfOtherClaims) {
    const SigningKey signer = SigningKey::ed25519();
    const std::string header = R"({"alg":"EdDSA"})";
    const std::string theirs = signer.token(header, kClaims);
    const std::string forged =
        signing_input(header, R"({"sub":"bob","exp":1700000100})") + theirs.substr(theirs.rfind('.'));
    EXPECT_EQ(reason_of(verifier_of({signer.jwk_members()}), forged), Reason::bad_signature);
}

TEST(TokenVerifier, RefusesAnUnsignedToken) {
    for (const char* alg : {"none", "None", "NONE", "nOnE", ""}) {
        const std::string input = signing_input(R"({"alg":")" + std::string(alg) + "\"}", kClaims);
        EXPECT_EQ(reason_of(hs256_verifier(), compact(input, "")), Reason::algorithm_not_allowed) << alg;
    }
    EXPECT_EQ(reason_of(hs256_verifier(), compact(signing_input(R"({"alg":"HS256"})", kClaims), "")),
              Reason::bad_signature);
}

TEST(TokenVerifier, RefusesAPublicKeyUsedAsASecret) {
    const std::string jwk = SigningKey::rsa().jwk_members();
    const Secret public_key = *Secret::from_bytes("{" + jwk + "}");
    EXPECT_EQ(reason_of(verifier_of({jwk}), hs256_token(R"({"alg":"HS256"})", kClaims, public_key)),
              Reason::algorithm_not_allowed);
    EXPECT_EQ(reason_of(verifier_of({jwk + R"(,"kid":"k")"}),
                        hs256_token(R"({"alg":"HS256","kid":"k"})", kClaims, public_key)),
              Reason::algorithm_not_allowed);
}

TEST(TokenVerifier, RefusesAnAlgorithmThatTheKeyIsNotBoundTo) {
    const SigningKey p256 = SigningKey::p256();
    const TokenVerifier verifier = verifier_of({p256.jwk_members()});
    for (const char* alg : {"EdDSA", "RS256", "ES384", "ES256K"}) {
        const std::string header = R"({"alg":")" + std::string(alg) + "\"}";
        EXPECT_EQ(reason_of(verifier, p256.token(header, kClaims)), Reason::algorithm_not_allowed) << alg;
    }
}

TEST(TokenVerifier, RefusesCriticalExtensionsEvenEmptyOnes) {
    for (const char* crit : {R"(["b64"])", "[]", "null"}) {
        const std::string header = R"({"alg":"HS256","b64":false,"crit":)" + std::string(crit) + "}";
        EXPECT_EQ(reason_of(hs256_verifier(), hs256_token(header, kClaims)), Reason::critical_extension)
            << crit;
    }
}

TEST(TokenVerifier, TakesTheLastOfTwoMembersWithOneName) {
    EXPECT_EQ(reason_of(hs256_verifier(), hs256_token(R"({"alg":"HS256","alg":"none"})", kClaims)),
              Reason::algorithm_not_allowed);
    const auto identity = hs256_verifier().verify(
        hs256_token(R"({"alg":"none","alg":"HS256"})", R"({"sub":"ada","sub":"bob","exp":1700000100})"),
        kNow);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id, "bob");
}

TEST(TokenVerifier, AsksForKeysWhenTheTokenNamesOneItDoesNotHave) {
    const SigningKey signer = SigningKey::ed25519();
    const std::string token = signer.token(R"({"alg":"EdDSA","kid":"new"})", kClaims);
    EXPECT_EQ(reason_of(verifier_of({}), token), Reason::unknown_key);
    EXPECT_EQ(reason_of(verifier_of({signer.jwk_members() + R"(,"kid":"old")"}), token), Reason::unknown_key);
    EXPECT_EQ(reason_of(verifier_of({signer.jwk_members() + R"(,"kid":"new")"}), token), std::nullopt);
    EXPECT_EQ(reason_of(verifier_of({signer.jwk_members()}), token), std::nullopt);
}

TEST(TokenVerifier, TriesEveryKeyThatFitsWhenTheTokenNamesNone) {
    const SigningKey first = SigningKey::p256();
    const SigningKey second = SigningKey::p256();
    const TokenVerifier verifier =
        verifier_of({SigningKey::ed25519().jwk_members(), first.jwk_members() + R"(,"kid":"1")",
                     second.jwk_members() + R"(,"kid":"2")"});
    const std::string header = R"({"alg":"ES256"})";
    EXPECT_EQ(reason_of(verifier, SigningKey::p256().token(header, kClaims)), Reason::bad_signature);
    EXPECT_EQ(reason_of(verifier, first.token(header, kClaims)), std::nullopt);
    EXPECT_EQ(reason_of(verifier, second.token(header, kClaims)), std::nullopt);
    EXPECT_EQ(reason_of(verifier, second.token(R"({"alg":"ES256","kid":"1"})", kClaims)),
              Reason::bad_signature);
}

TEST(TokenVerifier, AcceptsEveryAlgorithmOfOurs) {
    const SigningKey rsa = SigningKey::rsa();
    const SigningKey p256 = SigningKey::p256();
    const SigningKey ed25519 = SigningKey::ed25519();
    const TokenVerifier verifier =
        verifier_of({rsa.jwk_members(), p256.jwk_members(), ed25519.jwk_members()});
    EXPECT_EQ(reason_of(verifier, rsa.token(R"({"alg":"RS256"})", kClaims)), std::nullopt);
    EXPECT_EQ(reason_of(verifier, p256.token(R"({"alg":"ES256"})", kClaims)), std::nullopt);
    EXPECT_EQ(reason_of(verifier, ed25519.token(R"({"alg":"EdDSA"})", kClaims)), std::nullopt);
    EXPECT_EQ(reason_of(verifier, ed25519.token(R"({"alg":"Ed25519"})", kClaims)), std::nullopt);
    EXPECT_EQ(reason_of(hs256_verifier(), hs256_token(R"({"alg":"HS256"})", kClaims)), std::nullopt);
}

TEST(TokenVerifier, LetsAnIssuerSignOnlyInItsOwnName) {
    const SigningKey a = SigningKey::ed25519();
    const SigningKey b = SigningKey::ed25519();
    const TokenVerifier verifier = verifier_of(
        std::vector{Issuer{"https://a.example", {}, keys_of({a.jwk_members()})},
                    Issuer{"https://b.example", {}, keys_of({b.jwk_members()})}, local_issuer(secret())});
    const auto signed_by = [](const SigningKey& key, const std::string& iss) {
        return key.token(R"({"alg":"EdDSA"})", R"({"sub":"ada","exp":1700000100,"iss":)" + iss + "}");
    };
    EXPECT_EQ(reason_of(verifier, signed_by(a, R"("https://a.example")")), std::nullopt);
    EXPECT_EQ(reason_of(verifier, signed_by(a, R"("https://b.example")")), Reason::bad_signature);
    EXPECT_EQ(reason_of(verifier, signed_by(a, R"("pipit")")), Reason::algorithm_not_allowed);
    EXPECT_EQ(reason_of(verifier, signed_by(a, R"("https://a.example/")")), Reason::unknown_issuer);
    EXPECT_EQ(reason_of(verifier, a.token(R"({"alg":"EdDSA"})", kClaims)), Reason::algorithm_not_allowed);
    EXPECT_EQ(verifier.verify(signed_by(a, "7"), kNow).error(), (TokenError{Reason::bad_claim, "iss"}));
}

TEST(TokenVerifier, TakesAnUnnamedTokenOfTheLocalSecretButNoOtherName) {
    const TokenVerifier verifier = verifier_of(std::vector{local_issuer(secret())});
    const auto with_iss = [](const std::string& iss) {
        return hs256_token(R"({"alg":"HS256"})", R"({"sub":"ada","exp":1700000100)" + iss + "}");
    };
    EXPECT_EQ(reason_of(verifier, with_iss(R"(,"iss":"somebody")")), Reason::unknown_issuer);
    EXPECT_EQ(reason_of(verifier, with_iss(R"(,"iss":"pipit")")), std::nullopt);
    EXPECT_EQ(reason_of(verifier, with_iss("")), std::nullopt);
}

TEST(TokenVerifier, LetsAnUnnamedIssuerSignInEveryNameThatIsNotTaken) {
    const SigningKey unnamed = SigningKey::ed25519();
    const TokenVerifier verifier = verifier_of(
        std::vector{Issuer{std::nullopt, {}, keys_of({unnamed.jwk_members()})}, local_issuer(secret())});
    const auto with_iss = [&](const std::string& iss) {
        return unnamed.token(R"({"alg":"EdDSA"})", R"({"sub":"ada","exp":1700000100,"iss":")" + iss + "\"}");
    };
    EXPECT_EQ(reason_of(verifier, with_iss("pipit")), Reason::algorithm_not_allowed);
    EXPECT_EQ(reason_of(verifier, with_iss("anyone")), std::nullopt);
    EXPECT_EQ(reason_of(verifier, unnamed.token(R"({"alg":"EdDSA"})", kClaims)), std::nullopt);
}

TEST(TokenVerifier, AsksForTheAudienceOfTheIssuerThatSigned) {
    const SigningKey a = SigningKey::ed25519();
    const SigningKey b = SigningKey::ed25519();
    const TokenVerifier verifier =
        verifier_of(std::vector{Issuer{std::nullopt, {"for-a"}, keys_of({a.jwk_members()})},
                                Issuer{std::nullopt, {"for-b"}, keys_of({b.jwk_members()})}});
    const std::string claims = R"({"sub":"ada","exp":1700000100,"aud":"for-b"})";
    EXPECT_EQ(reason_of(verifier, a.token(R"({"alg":"EdDSA"})", claims)), Reason::wrong_audience);
    EXPECT_EQ(reason_of(verifier, b.token(R"({"alg":"EdDSA"})", claims)), std::nullopt);
}

TEST(TokenVerifier, JudgesTheClaimsOnlyAfterTheSignature) {
    const SigningKey signer = SigningKey::ed25519();
    const std::string expired = SigningKey::ed25519().token(R"({"alg":"EdDSA"})", R"({"sub":"ada","exp":1})");
    EXPECT_EQ(reason_of(verifier_of({signer.jwk_members()}), expired), Reason::bad_signature);
    EXPECT_EQ(reason_of(verifier_of({signer.jwk_members()}),
                        signer.token(R"({"alg":"EdDSA"})", R"({"sub":"ada","exp":1})")),
              Reason::expired);
}

TEST(TokenError, HasASentenceForEveryReason) {
    EXPECT_EQ(TokenError{Reason::expired}.message(), "The token has expired.");
    EXPECT_EQ((TokenError{Reason::bad_claim, "exp"}.message()),
              "The token's claim \"exp\" is missing or not valid.");
}

}  // namespace
}  // namespace pipit::auth
