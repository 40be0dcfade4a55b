#include "auth/compact_jws.hpp"

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

TEST(CompactJws, RefusesAnyNumberOfPartsButThree) {
    for (const char* text : {"", "YQ", "YQ.YQ", "YQ.YQ.YQ.YQ", "YQ.YQ.YQ.", "YQ.YQ.YQ.YQ.YQ"}) {
        EXPECT_FALSE(CompactJws::parse(text)) << text;
    }
}

TEST(CompactJws, RefusesAPartThatIsNotStrictBase64url) {
    for (const char* text : {"YQ==.YQ.YQ", "YQ.Y+.YQ", "YQ.YQ.YR", " YQ.YQ.YQ", "YQ.YQ.YQ\n"}) {
        EXPECT_FALSE(CompactJws::parse(text)) << text;
    }
}

TEST(CompactJws, TakesApartWhatWasJoined) {
    const auto jws = CompactJws::parse("YQ.Yg.Yw");
    ASSERT_TRUE(jws);
    EXPECT_EQ(jws->header, "a");
    EXPECT_EQ(jws->payload, "b");
    EXPECT_EQ(jws->signature, "c");
    EXPECT_EQ(jws->signing_input, "YQ.Yg");
}

TEST(CompactJws, LeavesEmptyPartsToBeJudgedByOthers) {
    const auto jws = CompactJws::parse("..");
    ASSERT_TRUE(jws);
    EXPECT_EQ(jws->header + jws->payload + jws->signature, "");
}

}  // namespace
}  // namespace pipit::auth
