#include "net/refused_origin_log.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

TEST(RefusedOriginLog, ShowsAnOriginAsItIs) {
    EXPECT_EQ(shown_origin("https://chat.example:8443"), "https://chat.example:8443");
    EXPECT_EQ(shown_origin("null"), "null");
}

TEST(RefusedOriginLog, ShowsNothingThatCouldPassForAnotherLineOrFillTheLog) {
    EXPECT_EQ(shown_origin("https://a\n[error] b\x1b[31m\x7f\xc3\xbc\"\\\t"),
              "https://a?[error]?b?[31m??????");
    EXPECT_EQ(shown_origin(std::string(10'000, 'a')), std::string(100, 'a'));
}

}  // namespace
}  // namespace pipit::net
