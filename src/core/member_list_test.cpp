#include "core/member_list.hpp"

#include <gmock/gmock.h>
#include <vector>

#include <gtest/gtest.h>

#include "core/member_query.hpp"
#include "core/testing/seeded_random.hpp"

namespace pipit::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MemberListTest : public testing::Test {
 protected:
    static UserId user(std::string id) { return std::make_shared<const std::string>(std::move(id)); }
    static Cid cid(std::uint8_t number) {
        Cid cid;
        cid.bytes.back() = number;
        return cid;
    }
    void add(const std::string& id, std::uint8_t number) { members_.add(user(id), cid(number), {}); }
    bool remove(const std::string& id, std::uint8_t number) {
        return members_.remove(user(id), cid(number)).has_value();
    }

    static MemberQuery query(bool ascending, std::uint32_t limit = 50, std::string user = {}) {
        return {.group = "tea room",
                .user = std::move(user),
                .ascending = ascending,
                .limit = limit,
                .only_for_member = {}};
    }
    static MemberQuery query_of(std::string user, bool ascending = true) {
        return query(ascending, 50, std::move(user));
    }
    /// "user/last byte of the cid" of each, as the query has them.
    std::vector<std::string> list(const MemberQuery& query, const MemberKey* after = nullptr) const {
        std::vector<std::string> rows;
        for (const auto& row : page_of(members_, query, after).rows)
            rows.push_back(row.user_id + "/" + std::to_string(Cid::parse(row.cid)->bytes.back()));
        return rows;
    }

    MemberList members_;
};

TEST_F(MemberListTest, RemovesNobodyWhoIsNoMember) {
    add("ann", 1);
    EXPECT_FALSE(remove("ann", 2));
    EXPECT_FALSE(remove("an", 1));
    EXPECT_FALSE(remove("anna", 1));
    EXPECT_EQ(members_.size(), 1u);
    EXPECT_EQ(members_.user_count(), 1u);
}

TEST_F(MemberListTest, FindsNobodyUnderTheIdOfAnother) {
    add("ann", 1);
    EXPECT_EQ(members_.find(user("ann"), cid(2)), nullptr);
    EXPECT_EQ(members_.find(user("anna"), cid(1)), nullptr);
    EXPECT_FALSE(members_.has_user("an"));
    EXPECT_FALSE(members_.has_user("anna"));
    EXPECT_FALSE(members_.has_user(""));
    EXPECT_TRUE(members_.has_user("ann"));
}

TEST_F(MemberListTest, CountsAUserOnceHoweverManyConnectionsItHas) {
    add("bob", 2);
    add("bob", 1);
    add("ann", 4);
    add("bob", 3);
    EXPECT_EQ(members_.size(), 4u);
    EXPECT_EQ(members_.user_count(), 2u);
    EXPECT_TRUE(remove("bob", 2));
    EXPECT_TRUE(remove("bob", 1));
    EXPECT_EQ(members_.user_count(), 2u);
    EXPECT_TRUE(remove("bob", 3));
    EXPECT_EQ(members_.user_count(), 1u);
    EXPECT_TRUE(remove("ann", 4));
    EXPECT_EQ(members_.user_count(), 0u);
    EXPECT_TRUE(members_.empty());
}

TEST_F(MemberListTest, StandsInTheOrderOfUsersAndThenOfConnections) {
    for (const std::string id :
         {"longer than eight", "b", "longer than", "longer t", "\xc3\xa9", "longer", "a"})
        add(id, 1);
    add("b", 200);
    add("b", 0);
    EXPECT_THAT(list(query(true)), ElementsAre("a/1", "b/0", "b/1", "b/200", "longer/1", "longer t/1",
                                               "longer than/1", "longer than eight/1", "\xc3\xa9/1"));
    EXPECT_THAT(list(query(false, 2)), ElementsAre("\xc3\xa9/1", "longer than eight/1"));
}

TEST_F(MemberListTest, ShowsOneUserOnlyAndNoneWhoseIdBeginsAlike) {
    for (const std::string id : {"ann", "an", "anna", "ann "})
        add(id, 1);
    add("ann", 2);
    EXPECT_THAT(list(query_of("ann")), ElementsAre("ann/1", "ann/2"));
    EXPECT_THAT(list(query_of("ann", false)), ElementsAre("ann/2", "ann/1"));
    EXPECT_THAT(list(query_of("anno")), IsEmpty());
}

TEST_F(MemberListTest, SaysWhereAPageEndsOnlyWhenMoreFollow) {
    add("ann", 1);
    add("ann", 2);
    EXPECT_FALSE(page_of(members_, query(true, 2), nullptr).last);
    const MemberPage page = page_of(members_, query(true, 1), nullptr);
    ASSERT_TRUE(page.last);
    EXPECT_EQ(page.last->key(), (MemberKey{"ann", cid(1)}));
}

TEST_F(MemberListTest, GoesOnBehindAPlaceWhetherOrNotAnybodyIsThere) {
    add("ann", 1);
    add("ann", 3);
    add("ann", 5);
    const MemberKey there{"ann", cid(3)}, between{"ann", cid(2)}, before{"a", cid(9)}, behind{"b", cid(0)};
    const MemberQuery up = query(true);
    EXPECT_THAT(list(up, &there), ElementsAre("ann/5"));
    EXPECT_THAT(list(up, &between), ElementsAre("ann/3", "ann/5"));
    EXPECT_THAT(list(up, &before), ElementsAre("ann/1", "ann/3", "ann/5"));
    EXPECT_THAT(list(up, &behind), IsEmpty());
    const MemberQuery down = query(false);
    EXPECT_THAT(list(down, &there), ElementsAre("ann/1"));
    EXPECT_THAT(list(down, &between), ElementsAre("ann/1"));
    EXPECT_THAT(list(down, &before), IsEmpty());
    EXPECT_THAT(list(down, &behind), ElementsAre("ann/5", "ann/3", "ann/1"));
}

TEST_F(MemberListTest, KeepsWhereAMemberIsAndGivesItBack) {
    members_.add(user("ann"), cid(1), {{.slot = 7, .generation = 8, .worker = 9}, true});
    members_.find(user("ann"), cid(1))->address.slot = 70;
    const auto place = members_.remove(user("ann"), cid(1));
    ASSERT_TRUE(place);
    EXPECT_EQ(place->address, (SessionAddress{.slot = 70, .generation = 8, .worker = 9}));
    EXPECT_TRUE(place->deflate);
}

TEST_F(MemberListTest, CountsAsManyUsersAsAPlainCountWhateverComesAndGoes) {
    SeededRandom random(7);
    std::map<std::string, std::vector<std::uint8_t>> model;
    for (int step = 0; step < 20'000; ++step) {
        const std::string id = "a user " + std::to_string(random.below(12));
        const auto number = static_cast<std::uint8_t>(random.below(4));
        auto& connections = model[id];
        const auto found = std::find(connections.begin(), connections.end(), number);
        if (found == connections.end()) {
            connections.push_back(number);
            add(id, number);
        } else {
            connections.erase(found);
            ASSERT_TRUE(remove(id, number));
        }
        const auto users = std::count_if(model.begin(), model.end(),
                                         [](const auto& entry) { return !entry.second.empty(); });
        ASSERT_EQ(members_.user_count(), static_cast<std::size_t>(users)) << "step " << step;
    }
}

}  // namespace
}  // namespace pipit::core
