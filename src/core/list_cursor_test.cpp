#include "core/list_cursor.hpp"

#include <gtest/gtest.h>

#include "base/base64url.hpp"
#include "core/testing/seeded_random.hpp"

namespace pipit::core {
namespace {

ListCursors cursors_with(char key) {
    return ListCursors(auth::Seal(*auth::Secret::from_bytes(std::string(32, key))));
}

class ListCursorsTest : public testing::Test {
 protected:
    const ListCursors cursors_ = cursors_with('k');
    const GroupPlace group_{{300, "tea \"room\""}, {1, 1u << 31, (std::uint64_t{1} << 48) - 1}};
    const MemberPlace member_ = [] {
        SeededRandom random(3);
        return MemberPlace{"ann", Cid::random(random)};
    }();
};

TEST_F(ListCursorsTest, RefusesWhatItHasNotMade) {
    for (const std::string forged : {"", "A", "AAAA", "not base64url!", "AUZ0ZWEgcm9vbQ",
                                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_FALSE(cursors_.group("question", forged)) << forged;
        EXPECT_FALSE(cursors_.member("question", forged)) << forged;
    }
}

TEST_F(ListCursorsTest, RefusesOneOfAnotherQuestion) {
    EXPECT_FALSE(cursors_.group("question 2", cursors_.of("question", group_)));
    EXPECT_FALSE(cursors_.member("question 2", cursors_.of("question", member_)));
}

TEST_F(ListCursorsTest, RefusesOneThatAnotherKeyMade) {
    EXPECT_FALSE(cursors_.group("question", cursors_with('x').of("question", group_)));
    EXPECT_FALSE(cursors_.member("question", cursors_with('x').of("question", member_)));
}

TEST_F(ListCursorsTest, RefusesOneThatWasCutOrChangedAnywhere) {
    const std::string cursor = cursors_.of("question", group_);
    for (std::size_t i = 0; i < cursor.size(); ++i) {
        EXPECT_FALSE(cursors_.group("question", cursor.substr(0, i))) << i;
        std::string changed = cursor;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(cursors_.group("question", changed)) << i;
    }
    EXPECT_FALSE(cursors_.group("question", cursor + "A"));
}

// A sealed text that is too short for what it is taken for must not be read past its end.
TEST_F(ListCursorsTest, RefusesASealedTextThatIsTooShort) {
    const MemberPlace nobody{"", {}};
    EXPECT_TRUE(cursors_.member("question", cursors_.of("question", nobody)));
    const GroupPlace unnamed{{1, ""}};  // seven bytes, and a cid has twelve
    EXPECT_FALSE(cursors_.member("question", cursors_.of("question", unnamed)));
}

TEST_F(ListCursorsTest, GivesBackThePlaceOfAGroup) {
    const std::uint64_t largest = (std::uint64_t{1} << 48) - 1;
    for (const GroupPlace& place :
         {group_, GroupPlace{{0, std::string(255, 'n')}}, GroupPlace{{largest, "\xf0\x9f\x98\x80"}}}) {
        const auto back = cursors_.group("question", cursors_.of("question", place));
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, place);
        EXPECT_EQ(back->as_of, place.as_of);
    }
}

TEST_F(ListCursorsTest, LeavesOutMoreMomentsThanItHasRoomFor) {
    GroupPlace place = group_;
    place.as_of.resize(ListCursors::kMomentsMax + 1);
    EXPECT_EQ(cursors_.group("question", cursors_.of("question", place))->as_of.size(), 0u);
    place.as_of.pop_back();
    place.name = std::string(1024, 'n');
    const std::string cursor = cursors_.of("question", place);
    EXPECT_EQ(cursors_.group("question", cursor)->as_of, place.as_of);
    EXPECT_LE(cursor.size(), 2048u) << "longer than a command may bring it back";
}

TEST_F(ListCursorsTest, GivesBackThePlaceOfAMember) {
    const auto place = cursors_with('k').member("question", cursors_.of("question", member_));
    ASSERT_TRUE(place);
    EXPECT_EQ(place->key(), member_.key());
}

TEST_F(ListCursorsTest, ShowsNothingOfTheNameInIt) {
    const std::string cursor = cursors_.of("question", GroupPlace{{0, "secret"}});
    EXPECT_EQ(base::base64url_decode(cursor)->find("secret"), std::string::npos);
}

}  // namespace
}  // namespace pipit::core
