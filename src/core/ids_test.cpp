#include "core/ids.hpp"

#include <set>

#include <gtest/gtest.h>

#include "core/testing/seeded_random.hpp"

namespace pipit::core {
namespace {

TEST(Cid, IsReadFromNothingButItsExactText) {
    for (const char* text : {"", "cid:", "9fK2Zr0aQw_XcV1B", "cid:9fK2Zr0aQw_XcV1", "cid:9fK2Zr0aQw_XcV1B0",
                             "CID:9fK2Zr0aQw_XcV1B", "cid:9fK2Zr0aQw/XcV1B",
                             "cid:9fK2Zr0aQw_XcV1=", " cid:9fK2Zr0aQw_XcV1B", "cid:9fK2Zr0aQw_XcV1B "}) {
        EXPECT_FALSE(Cid::parse(text)) << text;
    }
}

TEST(Cid, ComesBackFromItsText) {
    const auto cid = Cid::parse("cid:9fK2Zr0aQw_XcV1B");
    ASSERT_TRUE(cid);
    EXPECT_EQ(cid->text(), "cid:9fK2Zr0aQw_XcV1B");

    SeededRandom random(1);
    for (int i = 0; i < 200; ++i) {
        const Cid made = Cid::random(random);
        EXPECT_EQ(made.text().size(), 20u);
        EXPECT_EQ(Cid::parse(made.text()), made);
    }
}

TEST(Cid, DiffersFromEveryOther) {
    SeededRandom random(2);
    std::set<std::string> texts;
    for (int i = 0; i < 1000; ++i)
        texts.insert(Cid::random(random).text());
    EXPECT_EQ(texts.size(), 1000u);
}

TEST(HomeHash, IsTheSameInEveryBuild) {
    // FNV-1a's published value for "foobar", folded.
    constexpr std::uint64_t fnv = 0x85944171f73967e8;
    EXPECT_EQ(home_hash("foobar"), fnv ^ fnv >> 32);
}

TEST(HomeHash, SpreadsSimilarNames) {
    std::array<int, 4> names_of{};
    for (int i = 0; i < 4000; ++i)
        ++names_of[home_hash("room " + std::to_string(i)) % names_of.size()];
    for (const int names : names_of)
        EXPECT_NEAR(names, 1000, 150);
}

}  // namespace
}  // namespace pipit::core
