#include "base/base64url.hpp"

#include <gtest/gtest.h>

namespace pipit::base {
namespace {

TEST(Base64Url, RefusesPaddingForeignCharactersAndImpossibleLengths) {
    for (const char* text : {"QQ==", "Q", "QUJDR", "+/8A", "QU JD", "QUJ\n", "Q\xc3\xa4"}) {
        EXPECT_FALSE(base64url_decode(text)) << text;
    }
}

TEST(Base64Url, RefusesASecondSpellingOfTheSameBytes) {
    EXPECT_EQ(base64url_decode("QQ"), "A");
    EXPECT_FALSE(base64url_decode("QR"));
    EXPECT_EQ(base64url_decode("QUI"), "AB");
    EXPECT_FALSE(base64url_decode("QUJ"));
}

TEST(Base64Url, EncodesTheExamplesOfRfc4648WithoutPadding) {
    EXPECT_EQ(base64url_encode(as_bytes("")), "");
    EXPECT_EQ(base64url_encode(as_bytes("f")), "Zg");
    EXPECT_EQ(base64url_encode(as_bytes("fo")), "Zm8");
    EXPECT_EQ(base64url_encode(as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(base64url_encode(as_bytes("\xfb\xff\xfe")), "-__-");
}

TEST(Base64Url, DecodesWhatItEncodedForEveryByteAndLength) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(base64url_decode(base64url_encode(as_bytes(bytes))), bytes);
        bytes += static_cast<char>(i * 7);
    }
}

}  // namespace
}  // namespace pipit::base
