#include "net/lru_map.hpp"

#include <gmock/gmock.h>

namespace pipit::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(LruMap, OneMoreTakesThePlaceOfTheLeastRecentlyUsed) {
    LruMap<int> map(2);
    map.use("a") = 1;
    map.use("b") = 2;
    EXPECT_EQ(map.use("a"), 1);
    map.use("c") = 3;
    EXPECT_THAT(map.entries(), ElementsAre(Pair("c", 3), Pair("a", 1)));
    EXPECT_EQ(map.use("b"), 0);
    EXPECT_THAT(map.entries(), ElementsAre(Pair("b", 0), Pair("c", 3)));
}

TEST(LruMap, WhatIsErasedIsNewAgainAndMakesRoom) {
    LruMap<int> map(2);
    map.erase("never there");
    map.use("a") = 1;
    map.use("b") = 2;
    map.erase("a");
    map.use("c") = 3;
    EXPECT_THAT(map.entries(), ElementsAre(Pair("c", 3), Pair("b", 2)));
    EXPECT_EQ(map.use("a"), 0);
    map.erase("a");
    map.erase("c");
    EXPECT_THAT(map.entries(), IsEmpty());
}

TEST(LruMap, HoldsOneAtLeast) {
    LruMap<int> map(1);
    map.use("a") = 1;
    map.use("b") = 2;
    EXPECT_EQ(map.use("b"), 2);
    EXPECT_THAT(map.entries(), ElementsAre(Pair("b", 2)));
}

}  // namespace
}  // namespace pipit::net
