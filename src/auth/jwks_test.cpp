#include "auth/jwks.hpp"

#include <gmock/gmock.h>
#include <string>

#include <gtest/gtest.h>

#include "auth/testing/token_forge.hpp"
#include "base/base64url.hpp"

namespace pipit::auth {
namespace {

const std::string kEd25519 =
    R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
const std::string kOct = R"("kty":"oct","k":"MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI")";

std::string failure_of(const std::string& document, const JwksRules& rules = {}) {
    const auto keys = parse_jwks(document, rules);
    return keys ? "no failure" : keys.error().message;
}

std::size_t count_of(const std::string& members, const JwksRules& rules = {}) {
    const auto keys = parse_jwks(jwks_of({members}), rules);
    EXPECT_TRUE(keys) << keys.error().message;
    return keys ? keys->size() : 0;
}

/// base64url of `count` bytes that are all `value`.
std::string filled(std::size_t count, char value) {
    return base::base64url_encode(base::as_bytes(std::string(count, value)));
}

TEST(Jwks, RefusesWhatIsNotAKeySet) {
    for (const char* document : {"", "x", "[]", "{}", R"({"keys":{}})", R"({"keys":[)", R"({"keys":[]} x)"}) {
        EXPECT_FALSE(parse_jwks(document)) << document;
    }
    EXPECT_EQ(failure_of(R"({"keys":[1]})"), "key 0: it is not a JSON object");
    EXPECT_FALSE(parse_jwks(R"({"keys":[], "x":)" + std::string(100, '[') + std::string(100, ']') + "}"));
}

TEST(Jwks, RefusesADocumentOrANumberOfKeysBeyondTheLimits) {
    EXPECT_EQ(failure_of("{}  ", {.document_bytes_max = 3}),
              "the key set has 4 bytes; at most 3 are allowed");
    EXPECT_EQ(failure_of(jwks_of({kEd25519, kEd25519}), {.keys_max = 1}),
              "the key set has 2 keys; at most 1 are allowed");
    EXPECT_TRUE(parse_jwks(jwks_of({kEd25519, kEd25519}), {.keys_max = 2}));
}

TEST(Jwks, NamesTheMalformedKeyByIndexAndKid) {
    EXPECT_EQ(failure_of(jwks_of({kEd25519, R"("kty":"OKP","crv":"Ed25519","kid":"blue","x":"AA")"})),
              "key 1 (kid \"blue\"): an Ed25519 public key must have 32 bytes");
    EXPECT_EQ(failure_of(jwks_of({R"("kid":"blue")"})), "key 0 (kid \"blue\"): \"kty\" is missing");
    EXPECT_EQ(failure_of(jwks_of({R"("kty":"RSA","n":"AQ==","e":"AQAB")"})),
              "key 0: \"n\" is missing or not base64url");
}

TEST(Jwks, RefusesMembersOfTheWrongType) {
    for (const char* member :
         {R"("kid":1)", R"("use":1)", R"("alg":1)", R"("key_ops":"verify")", R"("key_ops":[1])"}) {
        EXPECT_FALSE(parse_jwks(jwks_of({kEd25519 + "," + member}))) << member;
    }
    EXPECT_FALSE(parse_jwks(jwks_of({R"("kty":1)"})));
    EXPECT_FALSE(parse_jwks(jwks_of({R"("kty":"OKP","crv":1,"x":"AA")"})));
    EXPECT_FALSE(parse_jwks(jwks_of({R"("kty":"OKP","crv":"Ed25519","x":1)"})));
}

TEST(Jwks, RefusesAKidThatCouldNotBeShown) {
    EXPECT_FALSE(parse_jwks(jwks_of({kEd25519 + R"(,"kid":"a\nb")"})));
    EXPECT_FALSE(parse_jwks(jwks_of({kEd25519 + R"(,"kid":")" + std::string(256, 'k') + "\""})));
    EXPECT_TRUE(parse_jwks(jwks_of({kEd25519 + R"(,"kid":")" + std::string(255, 'k') + "\""})));
}

TEST(Jwks, RefusesWeakAndEndlessRsaKeysAndBadExponents) {
    const auto rsa = [](const std::string& n, const std::string& e) {
        return failure_of(jwks_of({R"("kty":"RSA","n":")" + n + R"(","e":")" + e + "\""}));
    };
    EXPECT_EQ(failure_of(jwks_of({SigningKey::rsa(1024).jwk_members()})),
              "key 0: the RSA modulus has 1024 bits; allowed are 2048 to 8192");
    EXPECT_EQ(rsa(filled(1025, '\xff'), "AQAB"),
              "key 0: the RSA modulus has 8200 bits; allowed are 2048 to 8192");
    for (const char* exponent : {"AQ", "AA", "Ag", "AQAA", "AQAAAAAAAAAB"}) {
        EXPECT_EQ(rsa(filled(256, '\xff'), exponent),
                  "key 0: the RSA exponent must be odd, at least 3 and at most 64 bits");
    }
    EXPECT_EQ(rsa(filled(256, '\xff'), "Aw"), "no failure");
}

TEST(Jwks, RefusesAPointThatIsNotOnItsCurve) {
    const auto ec = [](const std::string& x, const std::string& y) {
        return failure_of(jwks_of({R"("kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + "\""}));
    };
    const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    EXPECT_EQ(ec(x, x), "key 0: the point is not on the curve P-256");
    EXPECT_EQ(ec(filled(32, '\0'), filled(32, '\0')), "key 0: the point is not on the curve P-256");
    EXPECT_EQ(ec(filled(32, '\xff'), x), "key 0: the point is not on the curve P-256");
    EXPECT_EQ(ec(filled(48, 'x'), filled(48, 'y')),
              "key 0: the coordinates of a P-256 point must have 32 bytes each");
    EXPECT_EQ(ec(filled(31, 'x'), filled(32, 'y')),
              "key 0: the coordinates of a P-256 point must have 32 bytes each");
}

TEST(Jwks, RefusesAShortSecretAndIgnoresSecretsUnlessTheyAreAllowed) {
    EXPECT_EQ(count_of(kOct), 0u);
    EXPECT_EQ(count_of(R"("kty":"oct","k":"c2hvcnQ")"), 0u);
    EXPECT_EQ(failure_of(jwks_of({R"("kty":"oct","k":"c2hvcnQ")"}), {.secrets_allowed = true}),
              "key 0: the secret has 5 bytes; HS256 needs at least 32");
    EXPECT_EQ(count_of(kOct, {.secrets_allowed = true}), 1u);
}

TEST(Jwks, LeavesOutKeysThatAreNotForUs) {
    EXPECT_EQ(count_of(R"("kty":"AKP","pub":"AA")"), 0u);
    EXPECT_EQ(count_of(R"("kty":"EC","crv":"P-384","x":"AA","y":"AA")"), 0u);
    EXPECT_EQ(count_of(R"("kty":"EC","x":"AA","y":"AA")"), 0u);
    EXPECT_EQ(count_of(R"("kty":"OKP","crv":"X25519","x":"AA")"), 0u);
    EXPECT_EQ(count_of(kEd25519 + R"(,"use":"enc")"), 0u);
    EXPECT_EQ(count_of(kEd25519 + R"(,"alg":"ES256")"), 0u);
    EXPECT_EQ(count_of(kEd25519 + R"(,"key_ops":["sign"])"), 0u);
    EXPECT_EQ(count_of(kEd25519 + R"(,"key_ops":[])"), 0u);
}

TEST(Jwks, KeepsKeysThatSayTheyAreForUs) {
    for (const char* member : {R"("use":"sig")", R"("alg":"EdDSA")", R"("alg":"Ed25519")",
                               R"("key_ops":["sign","verify"])", R"("kid":"","unknown":[{}])"}) {
        EXPECT_EQ(count_of(kEd25519 + "," + member), 1u) << member;
    }
}

TEST(Jwks, BindsEachKindOfKeyToItsAlgorithmInTheOrderOfTheDocument) {
    const auto keys = parse_jwks(jwks_of({SigningKey::rsa().jwk_members() + R"(,"kid":"r")",
                                          SigningKey::p256().jwk_members() + R"(,"kid":"e")",
                                          SigningKey::ed25519().jwk_members(), kOct + R"(,"kid":"o")"}),
                                 {.secrets_allowed = true});
    ASSERT_TRUE(keys);
    const auto bound = [](Algorithm algorithm, const char* kid) {
        return ::testing::AllOf(::testing::Property(&VerificationKey::algorithm, algorithm),
                                ::testing::Property(&VerificationKey::kid, kid));
    };
    EXPECT_THAT(*keys, ::testing::ElementsAre(bound(Algorithm::rs256, "r"), bound(Algorithm::es256, "e"),
                                              bound(Algorithm::ed25519, ""), bound(Algorithm::hs256, "o")));
}

TEST(Jwks, PassesOverPrivateMembersWhateverTheyHold) {
    EXPECT_EQ(count_of(kEd25519 + R"(,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")"), 1u);
    EXPECT_EQ(count_of(kEd25519 + R"(,"d":12,"p":[])"), 1u);
}

TEST(Jwks, IsEmptyForAnEmptyKeySet) {
    EXPECT_TRUE(parse_jwks(R"({"keys":[]})")->empty());
}

}  // namespace
}  // namespace pipit::auth
