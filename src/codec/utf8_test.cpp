#include "codec/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

// How many bytes of `text`, fed one by one, were taken before one was refused.
std::size_t bytes_taken(std::string_view text) {
    Utf8Validator validator;
    std::size_t taken = 0;
    while (taken < text.size() && validator.feed(text.substr(taken, 1)))
        ++taken;
    return taken;
}

TEST(Utf8, RefusesAtTheFirstByteThatCannotBeContinued) {
    const struct {
        std::string_view bytes;
        std::size_t taken;
    } cases[] = {
        {"\x80", 0},              // a continuation of nothing
        {"\xbf", 0},              //
        {"\xc0\x80", 0},          // overlong in two bytes
        {"\xc1\xbf", 0},          //
        {"\xc3(", 1},             // not a continuation
        {"\xe0\x9f\xbf", 1},      // overlong in three
        {"\xed\xa0\x80", 1},      // U+D800
        {"\xed\xbf\xbf", 1},      // U+DFFF
        {"\xe2\x82(", 2},         //
        {"\xf0\x8f\xbf\xbf", 1},  // overlong in four
        {"\xf0\x9f\x98(", 3},     //
        {"\xf4\x90\x80\x80", 1},  // U+110000
        {"\xf5\x80\x80\x80", 0},  //
        {"\xf8\x88\x80\x80", 0},  // five bytes
        {"\xfe", 0},              //
        {"\xff", 0},
    };
    for (const auto& [bytes, taken] : cases) {
        EXPECT_FALSE(is_valid_utf8(bytes)) << testing::PrintToString(bytes);
        EXPECT_EQ(bytes_taken(bytes), taken) << testing::PrintToString(bytes);
    }
}

TEST(Utf8, StaysRefusedWhateverFollows) {
    Utf8Validator validator;
    EXPECT_FALSE(validator.feed("ab\xff"));
    EXPECT_FALSE(validator.feed(""));
    EXPECT_FALSE(validator.feed("cd"));
    EXPECT_FALSE(validator.feed("\x80"));
    EXPECT_FALSE(validator.complete());
}

TEST(Utf8, IsNotCompleteInsideACharacter) {
    const std::string_view smile = "\xf0\x9f\x98\x80";
    for (std::size_t cut = 1; cut < smile.size(); ++cut) {
        Utf8Validator validator;
        EXPECT_TRUE(validator.feed(smile.substr(0, cut)));
        EXPECT_FALSE(validator.complete());
        EXPECT_FALSE(is_valid_utf8(smile.substr(0, cut)));
        EXPECT_TRUE(validator.feed(smile.substr(cut)));
        EXPECT_TRUE(validator.complete());
    }
}

TEST(Utf8, AcceptsTheEdgesOfEveryRange) {
    for (const std::string_view text :
         {"", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
          "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(is_valid_utf8(text)) << testing::PrintToString(text);
        EXPECT_EQ(bytes_taken(text), text.size());
    }
    EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, FindsABadByteAtEveryPlaceOfALongText) {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t bad = 0; bad < size; ++bad) {
            std::string text(size, 'a');
            EXPECT_TRUE(is_valid_utf8(text));
            text[bad] = '\xff';
            EXPECT_FALSE(is_valid_utf8(text)) << size << ' ' << bad;
        }
    }
}

TEST(Utf8, GivesTheSameAnswerForEveryCutInThree) {
    const std::string_view valid =
        "Gr\xc3\xbc\xc3\x9f"
        "e, \xe4\xb8\x96\xe7\x95\x8c \xf0\x9f\x8c\x8d!";
    for (std::size_t first = 0; first <= valid.size(); ++first) {
        for (std::size_t second = first; second <= valid.size(); ++second) {
            Utf8Validator validator;
            EXPECT_TRUE(validator.feed(valid.substr(0, first)));
            EXPECT_TRUE(validator.feed(valid.substr(first, second - first)));
            EXPECT_TRUE(validator.feed(valid.substr(second)));
            EXPECT_TRUE(validator.complete());
        }
    }
}

}  // namespace
}  // namespace pipit::codec
