#include "net/timeout_queue.hpp"

#include <gmock/gmock.h>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TimeoutQueueTest : public testing::Test {
 protected:
    static base::Instant at(int ms) { return base::Instant(base::Millis(ms)); }
    std::vector<int> expired_at(int ms) {
        std::vector<int> expired;
        queue_.run(at(ms), [&](int& who) { expired.push_back(who); });
        return expired;
    }
    TimeoutQueue<int> queue_{base::Millis(100)};
};

TEST_F(TimeoutQueueTest, CallsNobodyBeforeTheTimeIsOver) {
    const auto one = std::make_shared<int>(1);
    EXPECT_THAT(expired_at(1'000), IsEmpty());
    queue_.add(one, at(1'000));
    EXPECT_THAT(expired_at(1'099), IsEmpty());
    EXPECT_THAT(expired_at(1'100), ElementsAre(1));
    EXPECT_THAT(expired_at(9'999), IsEmpty());
}

TEST_F(TimeoutQueueTest, SkipsWhoHasGone) {
    auto one = std::make_shared<int>(1);
    const auto two = std::make_shared<int>(2);
    queue_.add(one, at(0));
    queue_.add(two, at(0));
    one.reset();
    EXPECT_THAT(expired_at(100), ElementsAre(2));
}

TEST_F(TimeoutQueueTest, CallsInTheOrderOfAddingAndKeepsTheOthers) {
    const auto one = std::make_shared<int>(1);
    const auto two = std::make_shared<int>(2);
    const auto three = std::make_shared<int>(3);
    queue_.add(one, at(0));
    queue_.add(two, at(10));
    queue_.add(three, at(20));
    EXPECT_THAT(expired_at(115), ElementsAre(1, 2));
    EXPECT_THAT(expired_at(120), ElementsAre(3));
}

TEST_F(TimeoutQueueTest, TakesAgainWhoIsCalled) {
    const auto one = std::make_shared<int>(1);
    queue_.add(one, at(0));
    queue_.run(at(100), [&](int&) { queue_.add(one, at(100)); });
    EXPECT_THAT(expired_at(199), IsEmpty());
    EXPECT_THAT(expired_at(200), ElementsAre(1));
}

TEST_F(TimeoutQueueTest, KeepsNobodyAlive) {
    auto one = std::make_shared<int>(1);
    const std::weak_ptr<int> seen = one;
    queue_.add(one, at(0));
    one.reset();
    EXPECT_TRUE(seen.expired());
}

}  // namespace
}  // namespace pipit::net
