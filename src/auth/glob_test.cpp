#include "auth/glob.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

/// What glob_matches() promises, written down without regard for time.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*') {
        return matches_by_definition(pattern.substr(1), text) ||
               (!text.empty() && matches_by_definition(pattern, text.substr(1)));
    }
    return !text.empty() && pattern.front() == text.front() &&
           matches_by_definition(pattern.substr(1), text.substr(1));
}

/// Calls `visit` with every text over `letters` of at most `length_max` characters.
template <class Visit>
void for_each_text(std::string_view letters, std::size_t length_max, std::string text, const Visit& visit) {
    visit(text);
    if (text.size() == length_max) return;
    for (const char letter : letters)
        for_each_text(letters, length_max, text + letter, visit);
}

TEST(Glob, RefusesTextThatIsOnlyPartlyDescribed) {
    EXPECT_FALSE(glob_matches("room", "rooms"));
    EXPECT_FALSE(glob_matches("room", "a room"));
    EXPECT_FALSE(glob_matches("room", "Room"));
    EXPECT_FALSE(glob_matches("room*", "a room"));
    EXPECT_FALSE(glob_matches("*room", "rooms"));
    EXPECT_FALSE(glob_matches("", "room"));
}

TEST(Glob, RefusesToUseTheSameBytesForHeadAndTail) {
    EXPECT_FALSE(glob_matches("aba*aba", "aba"));
    EXPECT_FALSE(glob_matches("aba*aba", "ababa"));
    EXPECT_TRUE(glob_matches("aba*aba", "abaaba"));
}

TEST(Glob, TreatsNothingButTheStarAsSpecial) {
    EXPECT_FALSE(glob_matches("r?om", "room"));
    EXPECT_FALSE(glob_matches("[r]oom", "room"));
    EXPECT_FALSE(glob_matches("\\*", "*"));
    EXPECT_TRUE(glob_matches("\\*", "\\room"));
    EXPECT_TRUE(glob_matches("r?[o]m", "r?[o]m"));
}

TEST(Glob, AgreesWithItsDefinitionOnEveryShortPatternAndText) {
    for_each_text("ab*", 5, "", [](const std::string& pattern) {
        for_each_text("ab", 7, "", [&](const std::string& text) {
            ASSERT_EQ(glob_matches(pattern, text), matches_by_definition(pattern, text))
                << pattern << " " << text;
        });
    });
}

TEST(Glob, AgreesWithItsDefinitionWhereAPieceOverlapsItself) {
    for (const char* pattern : {"*aabaab*", "*abab*b", "a*aab*aaab*", "*aaab*aaab"}) {
        for_each_text("ab", 11, "", [&](const std::string& text) {
            ASSERT_EQ(glob_matches(pattern, text), matches_by_definition(pattern, text))
                << pattern << " " << text;
        });
    }
}

TEST(Glob, TakesTheLongestPattern) {
    const std::string piece(kGlobBytesMax - 2, 'a');
    EXPECT_TRUE(glob_matches("*" + piece + "*", "b" + piece + "b"));
    EXPECT_FALSE(glob_matches("*" + piece + "*", "b" + piece.substr(1) + "b"));
}

}  // namespace
}  // namespace pipit::auth
