#include "push/http_date.hpp"

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

constexpr base::UnixSeconds kNow = 1'764'000'000;  // in 2025

TEST(HttpDate, IsNotReadFromOtherText) {
    for (const std::string_view text : {"",
                                        "0",
                                        "Sun",
                                        "Sun,",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        " Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
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
                                        "Sun, 06 Nov 19x4 08:49:37 GMT",
                                        "Sun, 06-Nov-1994 08:49:37 GMT",
                                        "Sun Nov 06 08:49:37 94",
                                        "Sun Nov  a 08:49:37 1994"}) {
        EXPECT_FALSE(parse_http_date(text, kNow)) << text;
    }
}

TEST(HttpDate, IsTheMomentItNames) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), 784'111'777);
    EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT", kNow), 0);
    EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT", kNow), 1'709'251'199);
    EXPECT_EQ(parse_http_date("Wed, 31 Dec 2036 23:59:60 GMT", kNow), 2'114'380'800);
}

TEST(HttpDate, MayHaveAnObsoleteForm) {
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), 784'111'777);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), 784'111'777);
    EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", kNow), 784'975'777);
}

TEST(HttpDate, OfTwoDigitsIsAtMost50YearsAhead) {
    EXPECT_EQ(parse_http_date("Tuesday, 01-Jan-75 00:00:00 GMT", kNow),
              parse_http_date("Tue, 01 Jan 2075 00:00:00 GMT", kNow));
    EXPECT_EQ(parse_http_date("Thursday, 01-Jan-76 00:00:00 GMT", kNow),
              parse_http_date("Thu, 01 Jan 1976 00:00:00 GMT", kNow));
    EXPECT_EQ(parse_http_date("Saturday, 01-Jan-00 00:00:00 GMT", kNow),
              parse_http_date("Sat, 01 Jan 2000 00:00:00 GMT", kNow));
}

}  // namespace
}  // namespace pipit::push
