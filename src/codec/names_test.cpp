#include "codec/names.hpp"

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

using namespace std::string_view_literals;

TEST(Names, RefusesControlCharactersAndWhatIsNotUtf8) {
    for (const auto bad :
         {""sv, "a\x1f"sv, "\0"sv, "a\x7f"sv, "\xc2\x80"sv, "a\xc2\x9f"sv, "\xc2"sv, "\xff"sv}) {
        EXPECT_FALSE(is_valid_name(bad, 255)) << testing::PrintToString(bad);
    }
}

TEST(Names, TakesEverythingElseUpToItsLimit) {
    for (const auto good : {" "sv, "~"sv, "\xc2\xa0"sv, "\xc3\x80"sv, "\xf0\x9f\x8d\xb5"sv, "#%/?"sv}) {
        EXPECT_TRUE(is_valid_name(good, 255)) << testing::PrintToString(good);
    }
    EXPECT_TRUE(is_valid_name("abc", 3));
    EXPECT_FALSE(is_valid_name("abcd", 3));
}

}  // namespace
}  // namespace pipit::codec
