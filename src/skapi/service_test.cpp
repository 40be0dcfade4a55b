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

TEST(Uuid, RefusesOtherForms) {
    for (const char* text :
         {"", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-0000000000001",
          "0000000000000-4000-8000-000000000001", "g0000000-0000-4000-8000-000000000001",
          "00000000_0000_4000_8000_000000000001"}) {
        EXPECT_FALSE(is_uuid(text)) << text;
    }
}

TEST(Uuid, AcceptsAnyVersionInBothCases) {
    EXPECT_TRUE(is_uuid("00000000-0000-4000-8000-000000000001"));
    EXPECT_TRUE(is_uuid("ABCDEF01-abcd-9fff-ffff-0123456789ab"));
}

}  // namespace
}  // namespace pipit::skapi
