#include "skapi/service.hpp"

#include <gtest/gtest.h>

namespace pipit::skapi {
namespace {

TEST(ServiceId, RefusesWhatTheClientCannotFindAServiceBy) {
    for (const char* id : {"", "us31", "us31abcde", "us99abcdefgh", "US31abcdefgh", "us31abcd-fgh",
                           "us31abcdéf", " us31abcdefgh"}) {
        EXPECT_FALSE(is_service_id(id)) << id;
    }
}

TEST(ServiceId, AcceptsARegionAndSixLettersOrDigits) {
    for (const char* id : {"us31abcdef", "us31pipitdev01", "sa31ABCdef019", "ap22000000"}) {
        EXPECT_TRUE(is_service_id(id)) << id;
    }
}

}  // namespace
}  // namespace pipit::skapi
