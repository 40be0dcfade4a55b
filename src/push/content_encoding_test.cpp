#include "push/content_encoding.hpp"

#include <gtest/gtest.h>

#include "push/hkdf.hpp"
#include "push/testing/webpush_vectors.hpp"

namespace pipit::push {
namespace {

TEST(Hkdf, HasTheKeysOfRfc8291) {
    const WebpushVector vector("rfc8291_appendix_a");
    const HkdfKey mixed = hkdf_extract(base::as_bytes(vector.bytes("auth_secret")),
                                       base::as_bytes(vector.bytes("ecdh_secret")));
    EXPECT_EQ(mixed, vector.array<32>("prk_key"));
    EXPECT_EQ(hkdf_expand(mixed, vector.bytes("key_info")), vector.array<32>("ikm"));
    const HkdfKey extracted = hkdf_extract(vector.array<16>("salt"), vector.array<32>("ikm"));
    EXPECT_EQ(extracted, vector.array<32>("prk"));
    const auto first_bytes = [](const HkdfKey& key, std::size_t count) {
        return std::string(base::as_text(key).substr(0, count));
    };
    EXPECT_EQ(first_bytes(hkdf_expand(extracted, vector.bytes("cek_info")), 16), vector.bytes("cek"));
    EXPECT_EQ(first_bytes(hkdf_expand(extracted, vector.bytes("nonce_info")), 12), vector.bytes("nonce"));
}

TEST(ContentEncoding, IsThatOfRfc8188WithOneRecord) {
    const WebpushVector vector("rfc8188_3_1");
    const auto salt = vector.array<16>("salt");
    const ContentCipher cipher(vector.array<16>("ikm"), salt);
    EXPECT_EQ(content_header(salt, 4'096, {}) +
                  cipher.seal(0, vector.text("plaintext_text") + kLastRecordDelimiter),
              vector.bytes("body"));
}

// Two records, the first of them padded with one zero.
TEST(ContentEncoding, IsThatOfRfc8188WithTwoRecords) {
    const WebpushVector vector("rfc8188_3_2");
    const auto salt = vector.array<16>("salt");
    const ContentCipher cipher(vector.array<16>("ikm"), salt);
    const std::string text = vector.text("plaintext_text");
    EXPECT_EQ(content_header(salt, 25, base::as_bytes(vector.text("keyid"))) +
                  cipher.seal(0, text.substr(0, 7) + std::string("\1\0", 2)) +
                  cipher.seal(1, text.substr(7) + kLastRecordDelimiter),
              vector.bytes("body"));
}

}  // namespace
}  // namespace pipit::push
