#include "push/vapid_token.hpp"

#include <gtest/gtest.h>

#include "auth/key.hpp"
#include "push/testing/scripted_random.hpp"
#include "push/testing/webpush_vectors.hpp"

namespace pipit::push {
namespace {

bool is_signed_with(base::ByteSpan point, std::string_view token) {
    const auto key = auth::VerificationKey::es256(point.subspan(1, 32), point.subspan(33, 32), "");
    const std::size_t dot = token.rfind('.');
    const auto signature = base::base64url_decode(token.substr(dot + 1));
    return key && signature && key.value().verify(token.substr(0, dot), *signature);
}

boost::json::object claims_of(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::string_view payload = token.substr(first + 1, token.rfind('.') - first - 1);
    return boost::json::parse(base::base64url_decode(payload).value()).as_object();
}

TEST(VapidToken, SaysWhatTheExampleOfRfc8292Says) {
    const WebpushVector vector("rfc8292_2_4");
    const std::string theirs = vector.text("t");
    ASSERT_TRUE(is_signed_with(base::as_bytes(vector.bytes("k")), theirs));
    ScriptedRandom random;
    const P256Key key = P256Key::generate(random);
    const std::string ours = sign_vapid_token(key, {.audience = "https://push.example.net",
                                                    .expires_at = 1'453'523'768,
                                                    .subject = "mailto:push@example.com"});
    // But for the signature, which is of another key and differs from time to time.
    EXPECT_EQ(ours.substr(0, ours.rfind('.')), theirs.substr(0, theirs.rfind('.')));
    EXPECT_TRUE(is_signed_with(key.public_point(), ours));
    EXPECT_FALSE(is_signed_with(base::as_bytes(vector.bytes("k")), ours));
}

struct VapidTokensTest : testing::Test {
    static constexpr base::UnixSeconds kNow = 1'700'000'000;
    static constexpr base::UnixSeconds kHour = 3'600;
    ScriptedRandom random;
    P256Key key = P256Key::generate(random);
    VapidTokens tokens{VapidSubject::parse("mailto:push@example.com").value()};
};

TEST_F(VapidTokensTest, AreForOneOriginAndTwelveHours) {
    const std::string token = tokens.token(key, "https://a.com", kNow);
    EXPECT_TRUE(is_signed_with(key.public_point(), token));
    const boost::json::object claims = claims_of(token);
    EXPECT_EQ(claims.at("aud").as_string(), "https://a.com");
    EXPECT_EQ(claims.at("exp").as_int64(), kNow + 12 * kHour);
    EXPECT_EQ(claims.at("sub").as_string(), "mailto:push@example.com");
    EXPECT_EQ(claims_of(tokens.token(key, "https://b.com", kNow)).at("aud").as_string(), "https://b.com");
}

TEST_F(VapidTokensTest, NameNobodyWithoutASubject) {
    VapidTokens anonymous{std::nullopt};
    EXPECT_FALSE(claims_of(anonymous.token(key, "https://a.com", kNow)).contains("sub"));
}

TEST_F(VapidTokensTest, AreUsedAgainUntilAnHourIsLeft) {
    const std::string token = tokens.token(key, "https://a.com", kNow);
    EXPECT_EQ(tokens.token(key, "https://a.com", kNow), token);
    EXPECT_EQ(tokens.token(key, "https://a.com", kNow + 11 * kHour), token);
    const std::string next = tokens.token(key, "https://a.com", kNow + 11 * kHour + 1);
    EXPECT_EQ(claims_of(next).at("exp").as_int64(), kNow + 23 * kHour + 1);
}

TEST_F(VapidTokensTest, AreNeverGoodForMoreThanTwelveHoursWhenTheClockIsSetBack) {
    const std::string token = tokens.token(key, "https://a.com", kNow);
    EXPECT_EQ(claims_of(tokens.token(key, "https://a.com", kNow - 1)).at("exp").as_int64(),
              kNow - 1 + 12 * kHour);
}

TEST_F(VapidTokensTest, AreSignedWithTheKeyThatIsAskedFor) {
    const P256Key former = P256Key::generate(random);
    const std::string token = tokens.token(key, "https://a.com", kNow);
    const std::string other = tokens.token(former, "https://a.com", kNow);
    EXPECT_TRUE(is_signed_with(former.public_point(), other));
    EXPECT_EQ(tokens.token(key, "https://a.com", kNow), token);
}

TEST_F(VapidTokensTest, OfTooManyTheFirstToExpireIsForgotten) {
    const std::string first = tokens.token(key, "https://first.com", kNow);
    const std::string second = tokens.token(key, "https://second.com", kNow + 1);
    for (std::size_t i = 2; i <= VapidTokens::kTokensMax; ++i)
        tokens.token(key, "https://" + std::to_string(i) + ".com", kNow + 2);
    EXPECT_EQ(tokens.token(key, "https://second.com", kNow + 3), second);
    EXPECT_NE(tokens.token(key, "https://first.com", kNow), first);
}

}  // namespace
}  // namespace pipit::push
