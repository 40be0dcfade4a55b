#include "push/held_notifications.hpp"

#include <gmock/gmock.h>

namespace pipit::push {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct HeldNotificationsTest : testing::Test {
    static constexpr base::Instant kStart{base::Millis(1'000'000)};
    static base::Instant after(long ms) { return kStart + base::Millis(ms); }

    void hold(HeldNotifications::Id id, const std::vector<std::string>& users, base::Instant until) {
        ASSERT_TRUE(held.reserve(users.size()));
        held.hold(id, users, until);
    }

    HeldNotifications held{5};
};

TEST_F(HeldNotificationsTest, RefusesMoreUsersThanItsLimitUntilSomeAreGone) {
    EXPECT_FALSE(held.reserve(6));
    hold(1, {"a", "b", "c"}, after(10));
    EXPECT_FALSE(held.reserve(3));
    held.confirm(1, "a");
    EXPECT_TRUE(held.reserve(3));
    EXPECT_FALSE(held.reserve(1));
    held.give_back(3);
    held.expire(after(10));
    EXPECT_TRUE(held.reserve(5));
}

TEST_F(HeldNotificationsTest, SignsOfStrangersAndLateOnesChangeNothing) {
    hold(1, {"a"}, after(10));
    EXPECT_FALSE(held.confirm(1, "b"));
    EXPECT_FALSE(held.confirm(2, "a"));
    held.expire(after(10));
    EXPECT_FALSE(held.confirm(1, "a"));
    EXPECT_EQ(held.users(), 0u);
}

TEST_F(HeldNotificationsTest, EndsWithTheLastSignAndNotBefore) {
    hold(1, {"a", "b"}, after(10));
    EXPECT_FALSE(held.confirm(1, "a"));
    EXPECT_FALSE(held.confirm(1, "a"));
    EXPECT_TRUE(held.confirm(1, "b"));
    EXPECT_EQ(held.next_expiry(), std::nullopt);
    EXPECT_THAT(held.expire(after(10)), IsEmpty());
}

TEST_F(HeldNotificationsTest, ThoseWithoutASignAreTheUnreached) {
    hold(1, {"a", "b", "c"}, after(10));
    hold(2, {"d"}, after(20));
    held.confirm(1, "b");
    EXPECT_THAT(held.expire(after(9)), IsEmpty());
    const auto expired = held.expire(after(10));
    ASSERT_EQ(expired.size(), 1u);
    EXPECT_EQ(expired[0].id, 1u);
    EXPECT_THAT(expired[0].users, UnorderedElementsAre("a", "c"));
    EXPECT_EQ(held.next_expiry(), after(20));
}

TEST_F(HeldNotificationsTest, OneThatIsConfirmedBehindAnotherDoesNotExpire) {
    hold(1, {"a"}, after(10));
    hold(2, {"b"}, after(20));
    EXPECT_TRUE(held.confirm(2, "b"));
    EXPECT_EQ(held.expire(after(10)).size(), 1u);
    EXPECT_THAT(held.expire(after(20)), IsEmpty());
}

}  // namespace
}  // namespace pipit::push
