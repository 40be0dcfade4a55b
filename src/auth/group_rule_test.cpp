#include "auth/group_rule.hpp"

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

TEST(GroupRule, RefusesTooManyPatternsAndTooLongOnes) {
    EXPECT_TRUE(GroupRule::only(std::vector<std::string>(GroupRule::kPatternsMax, "a")));
    EXPECT_FALSE(GroupRule::only(std::vector<std::string>(GroupRule::kPatternsMax + 1, "a")));
    EXPECT_TRUE(GroupRule::only({std::string(GroupRule::kPatternBytesMax, 'a')}));
    EXPECT_FALSE(GroupRule::only({std::string(GroupRule::kPatternBytesMax + 1, 'a')}));
}

TEST(GroupRule, AllowsNothingWhenThereAreNoPatterns) {
    EXPECT_FALSE(GroupRule::only({})->allows("room"));
}

TEST(GroupRule, AllowsWhatOnePatternMatches) {
    const auto rule = GroupRule::only({"lobby", "team-*"});
    EXPECT_FALSE(rule->allows("lobby2"));
    EXPECT_FALSE(rule->allows("my team-7"));
    EXPECT_TRUE(rule->allows("lobby"));
    EXPECT_TRUE(rule->allows("team-7"));
}

TEST(GroupRule, AllowsEveryGroupUnlessToldOtherwise) {
    EXPECT_TRUE(GroupRule().allows("anything"));
}

}  // namespace
}  // namespace pipit::auth
