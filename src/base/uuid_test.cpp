#include "base/uuid.hpp"

#include <gtest/gtest.h>

namespace pipit::base {
namespace {

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
}  // namespace pipit::base
