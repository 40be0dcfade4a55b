#include "push/payload_encryption.hpp"

#include <set>

#include <gtest/gtest.h>

#include "push/testing/scripted_random.hpp"
#include "push/testing/webpush_vectors.hpp"

namespace pipit::push {
namespace {

struct Rfc8291 : testing::Test {
    const WebpushVector vector{"rfc8291_appendix_a"};
    const SubscriberKeys subscriber{vector.array<65>("ua_public"), vector.array<16>("auth_secret")};
    const P256Key ours = P256Key::from_text(vector.text("as_private")).value();
};

TEST_F(Rfc8291, KeyingMaterialIsThatOfItsExample) {
    EXPECT_EQ(push_keying_material(subscriber, ours), vector.array<32>("ikm"));
}

TEST_F(Rfc8291, BodyIsThatOfItsExample) {
    const std::string body =
        encrypt_payload(subscriber, vector.text("plaintext_text"), ours, vector.array<16>("salt"));
    EXPECT_EQ(body, vector.bytes("header") + vector.bytes("ciphertext"));
    EXPECT_EQ(body, vector.bytes("body"));
}

TEST_F(Rfc8291, LargestPayloadFillsTheLargestBody) {
    ScriptedRandom random;
    EXPECT_EQ(encrypt_payload(subscriber, std::string(kPayloadBytesMax, 'x'), random).size(),
              kPushBodyBytesMax);
    EXPECT_EQ(encrypt_payload(subscriber, "", random).size(), 103u);
    EXPECT_DEATH(
        static_cast<void>(encrypt_payload(subscriber, std::string(kPayloadBytesMax + 1, 'x'), random)),
        "broken invariant");
}

TEST_F(Rfc8291, NoTwoMessagesShareSaltOrKey) {
    ScriptedRandom random;
    std::set<std::string> salts;
    std::set<std::string> keys;
    constexpr std::size_t kMessages = 4;  // before the bytes repeat
    for (std::size_t i = 0; i < kMessages; ++i) {
        const std::string body = encrypt_payload(subscriber, "the same", random);
        salts.insert(body.substr(0, kContentSaltBytes));
        keys.insert(body.substr(kContentHeaderBytesMin, kP256PointBytes));
    }
    EXPECT_EQ(salts.size(), kMessages);
    EXPECT_EQ(keys.size(), kMessages);
}

}  // namespace
}  // namespace pipit::push
