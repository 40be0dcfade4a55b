#include "auth/hmac.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

Secret secret() {
    return *Secret::from_bytes(std::string(32, 's'));
}

TEST(DeriveSecret, IsAnotherForEveryPurposeAndOfEverySecret) {
    const Secret derived = derive_secret(secret(), "tests of one thing");
    const auto text = [](const Secret& of) { return std::string(base::as_text(of.bytes())); };
    EXPECT_NE(text(derived), text(secret()));
    EXPECT_NE(text(derived), text(derive_secret(secret(), "tests of another thing")));
    EXPECT_NE(text(derived), text(derive_secret(derived, "tests of one thing")));
}

// Tokens are good across versions only as long as this stays.
TEST(DeriveSecret, IsTheHmacOfThePurpose) {
    const auto mac = hmac_sha256(secret(), "tests of one thing");
    EXPECT_EQ(base::as_text(derive_secret(secret(), "tests of one thing").bytes()), base::as_text(mac));
}

}  // namespace
}  // namespace pipit::auth
