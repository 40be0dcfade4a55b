#include "core/command_cost.hpp"

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

namespace v1 = codec::v1;

template <class What>
std::uint32_t cost(What what) {
    return cost_of(v1::Command{.id = 1, .what = std::move(what)});
}

v1::Post post_with_notification() {
    v1::Post post;
    post.notification.emplace();
    return post;
}

v1::Join join_since() {
    v1::Join join;
    join.since.emplace();
    return join;
}

template <class List>
List list_of(std::uint32_t rows) {
    List list;
    list.paging.limit = rows;
    return list;
}

TEST(CommandCost, IsOneForMost) {
    EXPECT_EQ(cost(v1::Connect{}), 1u);
    EXPECT_EQ(cost(v1::Join{}), 1u);
    EXPECT_EQ(cost(v1::Post{}), 1u);
    EXPECT_EQ(cost(v1::Signal{}), 1u);
    EXPECT_EQ(cost(v1::Refused{}), 1u);
}

TEST(CommandCost, IsMoreForWhatReachesPeopleWhoAreAway) {
    EXPECT_EQ(cost(post_with_notification()), 10u);
    EXPECT_EQ(cost(v1::Push{}), 10u);
    EXPECT_EQ(cost(v1::Call{}), 10u);
}

TEST(CommandCost, IsMoreForWhoComesBackWithAPosition) {
    EXPECT_EQ(cost(join_since()), 5u);
}

TEST(CommandCost, OfAPageGrowsWithItsRows) {
    EXPECT_EQ(cost(list_of<v1::ListGroups>(199)), 1u);
    EXPECT_EQ(cost(list_of<v1::ListGroups>(200)), 2u);
    EXPECT_EQ(cost(list_of<v1::ListUsers>(1'000)), 6u);
    v1::ReadHistory history;
    history.limit = 1'000;
    EXPECT_EQ(cost(history), 6u);
}

}  // namespace
}  // namespace pipit::core
