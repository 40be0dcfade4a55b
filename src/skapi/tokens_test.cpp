#include "skapi/tokens.hpp"

#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "auth/compact_jws.hpp"
#include "auth/json_object.hpp"
#include "auth/jwks.hpp"
#include "auth/testing/token_error_print.hpp"
#include "auth/testing/token_forge.hpp"
#include "auth/token_signer.hpp"

namespace pipit::skapi {
namespace {

namespace json = boost::json;
using Reason = auth::TokenError::Reason;

constexpr base::UnixSeconds kNow = 1'700'000'000;
constexpr base::UnixSeconds kTtl = 3'600;
const std::string kAnn = "0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a";
const std::string kIssuer = "https://id.example/pool";

auth::Secret server_secret() {
    return *auth::Secret::from_bytes(std::string(32, 's'));
}

/// Two services, each with its own people and both with those of one provider.
class TokensTest : public testing::Test {
 protected:
    TokensTest() {
        services_ = {{.id = "us31teahouse",
                      .owner = "owner-a",
                      .name = "",
                      .issuer = kIssuer,
                      .client_ids = {"tea", "mobile"}},
                     {.id = "us31chessclub",
                      .owner = "owner-b",
                      .name = "",
                      .issuer = kIssuer,
                      .client_ids = {"chess", "mobile"}}};
    }

    TokenSet sign(std::size_t service, const Person& person) const {
        return sign_tokens(services_[service], secret_of(service), person, kNow, kTtl);
    }
    auth::Secret secret_of(std::size_t service) const {
        return service_secret(server_secret(), services_[service].id);
    }

    TokenReader reader() {
        auth::KeySet keys =
            auth::parse_jwks(auth::jwks_of({key_.jwk_members() + R"(,"kid":"k1","alg":"RS256")"})).value();
        std::vector<auth::Issuer> issuers;
        for (std::size_t index = 0; index < services_.size(); ++index)
            issuers.push_back(own_issuer(services_[index], secret_of(index)));
        issuers.push_back(
            {.iss = kIssuer, .audiences = {}, .keys = std::make_shared<const auth::KeySet>(std::move(keys))});
        return TokenReader(services_, std::make_shared<const auth::KeyRing>(std::move(issuers)), {});
    }

    /// A token of the provider's.
    std::string provider_token(json::object claims, std::string_view kid = "k1") {
        claims.insert({{"iss", kIssuer}, {"sub", kAnn}, {"exp", kNow + kTtl}});
        return key_.token(R"({"alg":"RS256","kid":")" + std::string(kid) + R"("})", json::serialize(claims));
    }

    std::optional<Reason> refusal_of(const std::string& token, base::UnixSeconds now = kNow) {
        const auto bearer = reader().read(token, now);
        return bearer ? std::nullopt : std::optional(bearer.error().reason);
    }
    std::optional<std::size_t> service_of(const std::string& token) {
        const auto bearer = reader().read(token, kNow);
        return bearer ? std::optional(bearer->service) : std::nullopt;
    }

    static json::object claims_of(const std::string& token) {
        return *auth::parse_json_object(auth::CompactJws::parse(token)->payload);
    }

    std::vector<Service> services_;
    auth::SigningKey key_ = auth::SigningKey::rsa();
};

TEST_F(TokensTest, RefusesATokenOfPipitsOwnClients) {
    EXPECT_EQ(refusal_of(auth::sign_hs256(server_secret(), {.user_id = kAnn, .issued_at = kNow})),
              Reason::unknown_issuer);
}

TEST_F(TokensTest, IsRefusedByPipitsOwnClients) {
    const auto ring = std::make_shared<const auth::KeyRing>(std::vector{auth::local_issuer(server_secret())});
    EXPECT_FALSE(auth::TokenVerifier(ring).verify(sign(0, {.user = kAnn}).id, kNow));
}

TEST_F(TokensTest, RefusesOneThatNamesAServiceWhoseKeyDidNotSignIt) {
    const TokenSet forged = sign_tokens(services_[1], secret_of(0), {.user = kAnn}, kNow, kTtl);
    EXPECT_EQ(refusal_of(forged.id), Reason::bad_signature);
}

TEST_F(TokensTest, RefusesOneOfAServiceThatIsNotThereAnyMore) {
    const std::string token = sign(1, {.user = kAnn}).id;
    services_.pop_back();
    EXPECT_EQ(refusal_of(token), Reason::unknown_issuer);
}

TEST_F(TokensTest, RefusesWhatHasExpired) {
    const std::string token = sign(0, {.user = kAnn}).access;
    EXPECT_EQ(refusal_of(token, kNow + kTtl + 5), Reason::expired);
    EXPECT_EQ(refusal_of(token, kNow + kTtl + 4), std::nullopt);
}

TEST_F(TokensTest, TakesARefreshTokenForNothingElseAndNothingElseForOne) {
    const TokenSet tokens = sign(0, {.user = kAnn});
    EXPECT_EQ(refusal_of(tokens.refresh), Reason::bad_claim);
    EXPECT_FALSE(reader().read_refresh(tokens.id, kNow));
    EXPECT_FALSE(reader().read_refresh(tokens.access, kNow));
    EXPECT_FALSE(
        reader().read_refresh(provider_token({{"client_id", "tea"}, {"token_use", "refresh"}}), kNow));
    const auto bearer = reader().read_refresh(tokens.refresh, kNow + kRefreshTtlS - 1);
    ASSERT_TRUE(bearer) << bearer.error().message();
    EXPECT_EQ(bearer->person.user, kAnn);
}

TEST_F(TokensTest, SaysWhoSomebodyIsAndOfWhichService) {
    for (const std::string& token : {sign(1, {.user = kAnn, .admin = true, .name = "Ann"}).id,
                                     sign(1, {.user = kAnn, .admin = true, .name = "Ann"}).access}) {
        const auto bearer = reader().read(token, kNow);
        ASSERT_TRUE(bearer) << bearer.error().message();
        EXPECT_EQ(bearer->service, 1u);
        EXPECT_EQ(bearer->person.user, kAnn);
        EXPECT_TRUE(bearer->person.admin);
        EXPECT_EQ(bearer->person.name, "Ann");
    }
    EXPECT_FALSE(reader().read(sign(0, {.user = kAnn}).id, kNow)->person.admin);
}

TEST_F(TokensTest, HaveWhatTheClientLooksFor) {
    const json::object claims = claims_of(sign(0, {.user = kAnn, .name = "Ann \"x\""}).id);
    EXPECT_EQ(claims.at("sub"), json::value(kAnn));
    EXPECT_EQ(claims.at("custom:service"), json::value("us31teahouse"));
    EXPECT_EQ(claims.at("custom:owner"), json::value("owner-a"));
    EXPECT_EQ(claims.at("cognito:username"), json::value(kAnn));
    EXPECT_EQ(claims.at("name"), json::value("Ann \"x\""));
    for (const char* number : {"iat", "exp", "auth_time", "access_group"})
        EXPECT_TRUE(claims.at(number).is_number()) << number;
    EXPECT_EQ(claims_of(sign(0, {.user = kAnn, .admin = true}).id).at("access_group"), json::value(99));
}

TEST_F(TokensTest, ArePrintedAsTheClientTakesThem) {
    const json::object printed = json::parse(sign(0, {.user = kAnn}).json()).as_object();
    EXPECT_EQ(printed.size(), 3u);
    for (const char* name : {"idToken", "accessToken", "refreshToken"})
        EXPECT_TRUE(printed.at(name).is_string()) << name;
}

TEST_F(TokensTest, RefusesAProvidersTokenThatIsForNoServiceOrForTwo) {
    EXPECT_EQ(refusal_of(provider_token({{"client_id", "shop"}})), Reason::wrong_audience);
    EXPECT_EQ(refusal_of(provider_token({})), Reason::wrong_audience);
    EXPECT_EQ(refusal_of(provider_token({{"client_id", "mobile"}})), Reason::wrong_audience);
    EXPECT_EQ(refusal_of(provider_token({{"client_id", "tea"}, {"custom:service", "us31chessclub"}})),
              Reason::wrong_audience);
    EXPECT_EQ(refusal_of(provider_token({{"client_id", "tea"}, {"custom:service", "us31nowhere01"}})),
              Reason::wrong_audience);
}

TEST_F(TokensTest, FindsTheServiceByTheProvidersClientOrByItsId) {
    EXPECT_EQ(service_of(provider_token({{"client_id", "tea"}})), 0u);
    EXPECT_EQ(service_of(provider_token({{"aud", "chess"}})), 1u);
    EXPECT_EQ(service_of(provider_token({{"aud", {"x", "chess"}}})), 1u);
    EXPECT_EQ(service_of(provider_token({{"aud", "mobile"}, {"custom:service", "us31chessclub"}})), 1u);
}

TEST_F(TokensTest, TakesAllClientsOfAProviderWhenNoneIsNamed) {
    services_.pop_back();
    services_[0].client_ids.clear();
    EXPECT_EQ(service_of(provider_token({})), 0u);
    EXPECT_EQ(service_of(provider_token({{"client_id", "whatever"}})), 0u);
}

TEST_F(TokensTest, SaysThatAKeyOfTheProvidersIsNotKnown) {
    EXPECT_EQ(refusal_of(provider_token({{"client_id", "tea"}}, "k2")), Reason::unknown_key);
}

TEST_F(TokensTest, MakesAnAdminOfNothingButTheAccessGroup) {
    const auto is_admin = [&](json::object claims) {
        claims["client_id"] = "tea";
        const auto bearer = reader().read(provider_token(std::move(claims)), kNow);
        return bearer && bearer->person.admin;
    };
    EXPECT_FALSE(is_admin({}));
    EXPECT_FALSE(is_admin({{"role", "admin"}}));
    EXPECT_FALSE(is_admin({{"access_group", 98}}));
    EXPECT_FALSE(is_admin({{"access_group", "990"}}));
    EXPECT_FALSE(is_admin({{"access_group", json::array{99}}}));
    EXPECT_TRUE(is_admin({{"access_group", 99}}));
    EXPECT_TRUE(is_admin({{"access_group", "99"}}));
    EXPECT_TRUE(is_admin({{"access_group", 99.0}}));
}

TEST_F(TokensTest, ReadsNothingIntoTheProvidersGroups) {
    EXPECT_EQ(service_of(provider_token({{"client_id", "tea"}, {"groups", 7}})), 0u);
}

}  // namespace
}  // namespace pipit::skapi
