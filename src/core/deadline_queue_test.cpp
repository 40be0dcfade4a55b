#include "core/deadline_queue.hpp"

#include <gmock/gmock.h>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

base::Instant at(int ms) {
    return base::Instant(base::Millis(ms));
}
SessionAddress slot(std::uint32_t number) {
    return {.slot = number, .generation = number + 100, .worker = 0};
}

class DeadlineQueueTest : public testing::Test {
 protected:
    std::vector<std::uint32_t> looked_at(base::Instant now) {
        std::vector<std::uint32_t> slots;
        queue_.run(now, [&](std::uint32_t slot, std::uint32_t generation, base::Instant when) {
            EXPECT_EQ(generation, slot + 100);
            EXPECT_LE(when, now);
            slots.push_back(slot);
        });
        return slots;
    }
    DeadlineQueue queue_;
};

TEST_F(DeadlineQueueTest, LooksAtNothingBeforeItsTime) {
    EXPECT_THAT(looked_at(at(100)), IsEmpty());
    queue_.add(at(100), slot(1));
    EXPECT_THAT(looked_at(at(99)), IsEmpty());
    EXPECT_THAT(looked_at(at(100)), ElementsAre(1));
    EXPECT_THAT(looked_at(at(1000)), IsEmpty());
}

TEST_F(DeadlineQueueTest, LooksInTheOrderOfTime) {
    queue_.add(at(30), slot(3));
    queue_.add(at(10), slot(1));
    queue_.add(at(20), slot(2));
    queue_.add(at(40), slot(4));
    EXPECT_THAT(looked_at(at(30)), ElementsAre(1, 2, 3));
    EXPECT_THAT(looked_at(at(40)), ElementsAre(4));
}

TEST_F(DeadlineQueueTest, MayBeAddedToWhileItLooks) {
    queue_.add(at(10), slot(1));
    std::vector<int> seen_ms;
    queue_.run(at(50), [&](std::uint32_t, std::uint32_t, base::Instant when) {
        seen_ms.push_back(static_cast<int>(when.time_since_epoch().count()));
        queue_.add(when + base::Millis(20), slot(1));
    });
    EXPECT_THAT(seen_ms, ElementsAre(10, 30, 50));
    EXPECT_THAT(looked_at(at(69)), IsEmpty());
    EXPECT_THAT(looked_at(at(70)), ElementsAre(1));
}

}  // namespace
}  // namespace pipit::core
