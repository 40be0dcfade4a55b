#include "push/p256_key.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "auth/key.hpp"
#include "push/testing/scripted_random.hpp"
#include "push/testing/webpush_vectors.hpp"

namespace pipit::push {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The order of P-256 (SEC 2 section 2.4.2).
const Bytes kOrder{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                   0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                   0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

TEST(P256Point, IsUncompressedAndOnTheCurve) {
    const std::string good = WebpushVector("rfc8291_appendix_a").bytes("ua_public");
    ASSERT_TRUE(parse_p256_point(base::as_bytes(good)));
    EXPECT_FALSE(parse_p256_point({}));
    EXPECT_FALSE(parse_p256_point(base::as_bytes(good).first(64)));
    EXPECT_FALSE(parse_p256_point(base::as_bytes(good + '\0')));
    for (const char first : {'\0', '\2', '\3', '\5', '\6'}) {
        std::string other = good;
        other[0] = first;
        EXPECT_FALSE(parse_p256_point(base::as_bytes(other))) << int(first);
    }
    for (const std::size_t at : {1u, 33u, 64u}) {
        std::string off = good;
        off[at] = static_cast<char>(off[at] ^ 1);
        EXPECT_FALSE(parse_p256_point(base::as_bytes(off))) << at;
    }
    EXPECT_FALSE(parse_p256_point(base::as_bytes('\4' + std::string(64, '\0'))));
    EXPECT_FALSE(parse_p256_point(base::as_bytes('\4' + std::string(64, '\xff'))));
    // A compressed point with the rest filled up.
    EXPECT_FALSE(parse_p256_point(base::as_bytes('\2' + good.substr(1, 32))));
}

TEST(P256Key, IsFromOneToTheOrderLessOne) {
    EXPECT_FALSE(P256Key::from_scalar(Bytes(31, 1)));
    EXPECT_FALSE(P256Key::from_scalar(Bytes(33, 1)));
    EXPECT_FALSE(P256Key::from_scalar(Bytes(32, 0)));
    EXPECT_FALSE(P256Key::from_scalar(Bytes(32, 0xff)));
    EXPECT_FALSE(P256Key::from_scalar(kOrder));
    Bytes last = kOrder;
    --last.back();
    EXPECT_TRUE(P256Key::from_scalar(last));
    Bytes one(32, 0);
    one.back() = 1;
    EXPECT_TRUE(P256Key::from_scalar(one));
}

TEST(P256Key, IsNotReadFromOtherText) {
    EXPECT_FALSE(P256Key::from_text(""));
    EXPECT_FALSE(P256Key::from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oR"));
    EXPECT_FALSE(P256Key::from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw="));
    EXPECT_FALSE(P256Key::from_text("yfWPiYE+n46HLnH0KqZOF1fJJU3MYrct3AELtAQ+oRw"));
}

TEST(P256Key, DrawsAgainWhatIsOutOfRange) {
    ScriptedRandom random(Bytes(64, 0xff));
    const P256Key key = P256Key::generate(random);
    Bytes counted(32);
    for (std::size_t i = 0; i < counted.size(); ++i)
        counted[i] = static_cast<std::uint8_t>(i + 1);
    EXPECT_EQ(key.to_text(), base::base64url_encode(counted));
}

TEST(P256Key, IsReadFromItsText) {
    const WebpushVector vector("rfc8291_appendix_a");
    for (const std::string side : {"as", "ua"}) {
        const auto key = P256Key::from_text(vector.text(side + "_private"));
        ASSERT_TRUE(key);
        EXPECT_EQ(key.value().public_text(), vector.text(side + "_public"));
        EXPECT_EQ(key.value().to_text(), vector.text(side + "_private"));
    }
}

TEST(P256Key, KeepsTheZerosInFrontOfASmallNumber) {
    const std::string text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
    const auto key = P256Key::from_text(text);
    ASSERT_TRUE(key);
    EXPECT_EQ(key.value().to_text(), text);
}

TEST(P256Key, AgreesOnTheSecretOfRfc8291FromBothSides) {
    const WebpushVector vector("rfc8291_appendix_a");
    const auto ours = P256Key::from_text(vector.text("as_private"));
    const auto theirs = P256Key::from_text(vector.text("ua_private"));
    const auto secret = vector.array<32>("ecdh_secret");
    EXPECT_EQ(ours.value().agree(theirs.value().public_point()), secret);
    EXPECT_EQ(theirs.value().agree(ours.value().public_point()), secret);
}

TEST(P256Key, SignsSoThatOnlyItsPublicKeyAgrees) {
    ScriptedRandom random;
    const P256Key key = P256Key::generate(random);
    const P256Key other = P256Key::generate(random);
    const auto verifier_of = [](const P256Key& signer) {
        const base::ByteSpan point = signer.public_point();
        return auth::VerificationKey::es256(point.subspan(1, 32), point.subspan(33, 32), "");
    };
    const auto verifier = verifier_of(key);
    for (int i = 0; i < 20; ++i) {
        const auto signature = key.sign("a text");
        const std::string_view bytes = base::as_text(signature);
        EXPECT_TRUE(verifier.value().verify("a text", bytes));
        EXPECT_FALSE(verifier.value().verify("another", bytes));
        EXPECT_FALSE(verifier_of(other).value().verify("a text", bytes));
    }
}

}  // namespace
}  // namespace pipit::push
