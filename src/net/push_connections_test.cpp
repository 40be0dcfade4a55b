#include "net/push_connections.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

class PushConnectionsTest : public testing::Test {
 protected:
    PushConnectionsTest() { initialise_curl(); }

    PushConnections connections_;
};

TEST_F(PushConnectionsTest, AnOriginGetsOtherOnesAfterSoManyMessages) {
    const auto first = connections_.pool_for("https://a.example");
    for (std::size_t n = 1; n < PushConnections::kMessagesPerPool; ++n)
        ASSERT_EQ(connections_.pool_for("https://a.example"), first);
    EXPECT_NE(connections_.pool_for("https://a.example"), first);
    EXPECT_EQ(first.use_count(), 1);
}

TEST_F(PushConnectionsTest, OriginsShareNone) {
    EXPECT_NE(connections_.pool_for("https://a.example"), connections_.pool_for("https://b.example"));
}

TEST_F(PushConnectionsTest, OneOriginTooManyEndsThoseOfTheOneUsedLeastRecently) {
    const auto first = connections_.pool_for("https://a.example");
    const auto second = connections_.pool_for("https://b.example");
    for (std::size_t n = 2; n < PushConnections::kOriginsMax; ++n)
        connections_.pool_for("https://" + std::to_string(n) + ".example");
    EXPECT_EQ(connections_.pool_for("https://a.example"), first);
    EXPECT_GT(second.use_count(), 1);
    connections_.pool_for("https://one-more.example");
    EXPECT_EQ(second.use_count(), 1);
    EXPECT_EQ(connections_.pool_for("https://a.example"), first);
}

}  // namespace
}  // namespace pipit::net
