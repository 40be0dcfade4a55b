#include "auth/identity.hpp"

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

TEST(UserId, RefusesTheEmptyTheLongAndWhatIsNotUtf8) {
    EXPECT_FALSE(is_valid_user_id(""));
    EXPECT_FALSE(is_valid_user_id(std::string(kUserIdBytesMax + 1, 'a')));
    EXPECT_FALSE(is_valid_user_id("abc", 2));
    EXPECT_FALSE(is_valid_user_id("\xff"));
    EXPECT_FALSE(is_valid_user_id("a\xc2"));
}

TEST(UserId, RefusesControlCharacters) {
    using namespace std::string_view_literals;
    for (const auto text : {"a\0b"sv, "\n"sv, "\x1f"sv, "\x7f"sv, "\xc2\x80"sv, "a\xc2\x9f"sv}) {
        EXPECT_FALSE(is_valid_user_id(text)) << text;
    }
}

TEST(UserId, AcceptsTextOfAnyScript) {
    EXPECT_TRUE(is_valid_user_id(" "));
    EXPECT_TRUE(is_valid_user_id("auth0|5f7c8ec7c33c6c004bbafe82"));
    EXPECT_TRUE(is_valid_user_id("J\xc3\xbcrgen \xe7\x94\xb0\xe4\xb8\xad \xf0\x9f\x90\xa6"));
    EXPECT_TRUE(is_valid_user_id("\xc2\xa0"));
    EXPECT_TRUE(is_valid_user_id(std::string(kUserIdBytesMax, 'a')));
}

}  // namespace
}  // namespace pipit::auth
