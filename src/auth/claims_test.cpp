#include "auth/claims.hpp"

#include <optional>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "auth/testing/token_error_print.hpp"

namespace pipit::auth {
namespace {

using Reason = TokenError::Reason;

constexpr base::UnixSeconds kNow = 1'700'000'000;
const std::string kGood = R"("sub":"ada","exp":1700000100)";

/// Reads the claims {`members`} at kNow.
base::Result<Identity, TokenError> read(const std::string& members,
                                        const std::vector<std::string>& audiences = {}) {
    return read_claims(boost::json::parse("{" + members + "}").as_object(), audiences, {}, kNow);
}

std::optional<TokenError> error_of(const std::string& members,
                                   const std::vector<std::string>& audiences = {}) {
    const auto identity = read(members, audiences);
    return identity ? std::nullopt : std::optional(identity.error());
}

constexpr TokenError kBadExp{Reason::bad_claim, "exp"};
constexpr TokenError kBadGroups{Reason::bad_claim, "groups"};

TEST(Claims, RefuseATokenThatDoesNotSayWhenItExpires) {
    EXPECT_EQ(error_of(R"("sub":"ada")"), kBadExp);
    for (const char* exp : {"null", "\"1700000100\"", "true", "[1700000100]", "{}"}) {
        EXPECT_EQ(error_of(R"("sub":"ada","exp":)" + std::string(exp)), kBadExp) << exp;
    }
}

TEST(Claims, RefuseAnExpiryThatIsNoPlausibleTime) {
    for (const char* exp :
         {"9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808",
          "18446744073709551615", "1e300", "-1e300", "0e999", "-0e999", "9007199254740994.0"}) {
        EXPECT_EQ(error_of(R"("sub":"ada","exp":)" + std::string(exp)), kBadExp) << exp;
    }
    EXPECT_EQ(error_of(R"("sub":"ada","exp":9007199254740992)"), std::nullopt);
    EXPECT_EQ(error_of(R"("sub":"ada","exp":-1)"), TokenError{Reason::expired});
    EXPECT_EQ(error_of(R"("sub":"ada","exp":-9007199254740992)"), TokenError{Reason::expired});
}

TEST(Claims, ExpireExactlyWhenExpAndTheLeewayHavePassed) {
    EXPECT_EQ(error_of(R"("sub":"ada","exp":1699999995)"), TokenError{Reason::expired});
    EXPECT_EQ(error_of(R"("sub":"ada","exp":1699999996)"), std::nullopt);
    const auto claims = boost::json::parse(R"({"sub":"ada","exp":1700000000})").as_object();
    EXPECT_EQ(read_claims(claims, {}, {.leeway_s = 0}, kNow).error(), TokenError{Reason::expired});
    EXPECT_TRUE(read_claims(claims, {}, {.leeway_s = 0}, kNow - 1));
}

TEST(Claims, DropTheFractionOfATime) {
    EXPECT_EQ(error_of(R"("sub":"ada","exp":1699999995.9)"), TokenError{Reason::expired});
    EXPECT_EQ(read(R"("sub":"ada","exp":1700000100.9)")->expires_at, 1'700'000'100);
    EXPECT_EQ(read(R"("sub":"ada","exp":1.7000001e9)")->expires_at, 1'700'000'100);
}

TEST(Claims, DoNotCountBeforeNbfLessTheLeeway) {
    EXPECT_EQ(error_of(kGood + R"(,"nbf":1700000006)"), TokenError{Reason::not_yet_valid});
    EXPECT_EQ(error_of(kGood + R"(,"nbf":1700000005)"), std::nullopt);
    EXPECT_EQ(error_of(kGood + R"(,"nbf":-5)"), std::nullopt);
    EXPECT_EQ(error_of(kGood + R"(,"nbf":"0")"), (TokenError{Reason::bad_claim, "nbf"}));
}

TEST(Claims, RefuseAnIatThatIsNoTimeButCompareItWithNothing) {
    EXPECT_EQ(error_of(kGood + R"(,"iat":"0")"), (TokenError{Reason::bad_claim, "iat"}));
    EXPECT_EQ(error_of(kGood + R"(,"iat":1800000000)"), std::nullopt);
}

TEST(Claims, RefuseAnotherAudience) {
    const std::vector<std::string> ours{"pipit", "https://rt.example"};
    EXPECT_EQ(error_of(kGood, ours), TokenError{Reason::wrong_audience});
    for (const char* aud : {R"("other")", R"(["other","pipit2"])", "[]", R"("PIPIT")"}) {
        EXPECT_EQ(error_of(kGood + R"(,"aud":)" + aud, ours), TokenError{Reason::wrong_audience}) << aud;
    }
    for (const char* aud : {"1", R"(["pipit",1])", "null"}) {
        EXPECT_EQ(error_of(kGood + R"(,"aud":)" + aud, ours), (TokenError{Reason::bad_claim, "aud"})) << aud;
    }
}

TEST(Claims, TakeAnAudienceAsTextOrInAnArrayAndAnyWhenNoneIsAsked) {
    const std::vector<std::string> ours{"pipit", "https://rt.example"};
    EXPECT_EQ(error_of(kGood + R"(,"aud":"https://rt.example")", ours), std::nullopt);
    EXPECT_EQ(error_of(kGood + R"(,"aud":["other","pipit"])", ours), std::nullopt);
    EXPECT_EQ(error_of(kGood + R"(,"aud":"other")"), std::nullopt);
}

TEST(Claims, RefuseASubjectThatIsMissingOrNoUserId) {
    EXPECT_EQ(error_of(R"("exp":1700000100)"), TokenError{Reason::missing_subject});
    for (const std::string& sub :
         {std::string("1"), std::string("null"), std::string(R"("")"), std::string(R"("a\u0000")"),
          std::string(R"("a\nb")"), std::string(R"("\u0085")"), '"' + std::string(256, 'a') + '"'}) {
        EXPECT_EQ(error_of(R"("exp":1700000100,"sub":)" + sub), TokenError{Reason::bad_subject}) << sub;
    }
}

TEST(Claims, TakeTheLengthOfAUserIdFromTheRules) {
    const auto claims = boost::json::parse("{" + kGood + "}").as_object();
    EXPECT_EQ(read_claims(claims, {}, {.user_id_bytes_max = 2}, kNow).error(),
              TokenError{Reason::bad_subject});
    EXPECT_TRUE(read_claims(claims, {}, {.user_id_bytes_max = 3}, kNow));
}

TEST(Claims, MakeAnAdminOnlyOfTheRoleAdmin) {
    for (const char* role :
         {R"("Admin")", R"("user")", R"("")", R"(["admin"])", "true", "null", R"("admin ")"}) {
        EXPECT_FALSE(read(kGood + R"(,"role":)" + role)->admin) << role;
    }
    EXPECT_FALSE(read(kGood)->admin);
    EXPECT_TRUE(read(kGood + R"(,"role":"admin")")->admin);
}

TEST(Claims, RefuseGroupsThatAreNotPatternsWithinTheLimits) {
    for (const char* groups : {"1", "null", "{}", R"(["a",1])", R"([["a"]])"}) {
        EXPECT_EQ(error_of(kGood + R"(,"groups":)" + groups), kBadGroups) << groups;
    }
    EXPECT_EQ(error_of(kGood + R"(,"groups":")" + std::string(256, 'a') + "\""), kBadGroups);
    std::string many = R"(["a")";
    for (int i = 0; i < 64; ++i)
        many += R"(,"a")";
    EXPECT_EQ(error_of(kGood + R"(,"groups":)" + many + "]"), kBadGroups);
}

TEST(Claims, LimitGroupsToThePatternsGiven) {
    EXPECT_TRUE(read(kGood)->groups.allows("room"));
    EXPECT_FALSE(read(kGood + R"(,"groups":[])")->groups.allows("room"));
    EXPECT_FALSE(read(kGood + R"(,"groups":"team-*")")->groups.allows("room"));
    EXPECT_TRUE(read(kGood + R"(,"groups":"team-*")")->groups.allows("team-1"));
    EXPECT_TRUE(read(kGood + R"(,"groups":["lobby","team-*"])")->groups.allows("lobby"));
}

TEST(Claims, SayWhoTheBearerIs) {
    const auto identity = read(kGood);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id, "ada");
    EXPECT_EQ(identity->expires_at, 1'700'000'100);
}

}  // namespace
}  // namespace pipit::auth
