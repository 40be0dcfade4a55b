#include "auth/secret.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

TEST(Secret, RefusesFewerBytesThanTheHashHasAndSaysHowManyWithoutShowingThem) {
    const auto secret = Secret::from_bytes(std::string(Secret::kBytesMin - 1, 'x'));
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().message, "the secret has 31 bytes; HS256 needs at least 32");
}

TEST(Secret, KeepsTheBytesItWasGiven) {
    const std::string bytes = std::string(31, 'x') + '\0';
    const auto secret = Secret::from_bytes(bytes);
    ASSERT_TRUE(secret);
    EXPECT_EQ(base::as_text(secret->bytes()), bytes);
}

}  // namespace
}  // namespace pipit::auth
