#include "codec/percent.hpp"

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

TEST(PercentDecode, TakesAMalformedEscapeForItself) {
    for (const char* text : {"%", "%4", "%zz", "%4z", "%-1", "a%"})
        EXPECT_EQ(percent_decode(text), text);
    EXPECT_EQ(percent_decode("%%41"), "%A");
}

TEST(PercentDecode, UndoesPercentAndPlus) {
    EXPECT_EQ(percent_decode(""), "");
    EXPECT_EQ(percent_decode("J%C3%bcrgen+%2B%26%3D%25"), "J\xc3\xbcrgen +&=%");
    EXPECT_EQ(percent_decode("a%00b"), std::string("a\0b", 3));
    EXPECT_EQ(percent_decode("a%41"), "aA");
}

}  // namespace
}  // namespace pipit::codec
