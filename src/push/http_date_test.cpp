#include "push/http_date.hpp"

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

TEST(HttpDate, IsNotReadFromOtherText) {
    for (const std::string_view text : {"",
                                        "0",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994",
                                        "Sun, 6 Nov 1994 08:49:37 GMT ",
                                        "Sun, 06 nov 1994 08:49:37 GMT",
                                        "Sun, 06 anF 1994 08:49:37 GMT",
                                        "Sun, 32 Oct 1994 08:49:37 GMT",
                                        "Sun, 31 Nov 1994 08:49:37 GMT",
                                        "Sun, 29 Feb 1995 08:49:37 GMT",
                                        "Sun, 00 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 24:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:60:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:61 GMT",
                                        "Sun, 06 Nov 1994 08-49-37 GMT",
                                        "Sun, +6 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 19x4 08:49:37 GMT"}) {
        EXPECT_FALSE(parse_http_date(text)) << text;
    }
}

TEST(HttpDate, IsTheMomentItNames) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);  // of RFC 9110
    EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT"), 1'709'251'199);
    EXPECT_EQ(parse_http_date("Wed, 31 Dec 2036 23:59:60 GMT"), 2'114'380'800);
}

}  // namespace
}  // namespace pipit::push
