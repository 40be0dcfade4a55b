#include "net/push_store_health.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using store::StoreFault;
using Success = PushStoreHealth::Success;

class PushStoreHealthTest : public testing::Test {
 protected:
    bool fails_after(std::initializer_list<StoreFault> faults, Success success) {
        PushStoreHealth health;
        for (const StoreFault fault : faults)
            health.note_failure({fault, "it does not work"});
        EXPECT_TRUE(health.fails());
        health.note_success(success);
        return health.fails();
    }
};

TEST_F(PushStoreHealthTest, ADiskIsFullUntilThereIsRoomForARow) {
    EXPECT_TRUE(fails_after({StoreFault::disk_full}, Success::read));
    EXPECT_TRUE(fails_after({StoreFault::disk_full}, Success::changed));
    EXPECT_FALSE(fails_after({StoreFault::disk_full}, Success::added));
    EXPECT_TRUE(fails_after({StoreFault::disk_full, StoreFault::unreachable}, Success::read));
}

TEST_F(PushStoreHealthTest, WhatCannotBeWrittenToIsNotHealedByReading) {
    for (const StoreFault fault : {StoreFault::read_only, StoreFault::failed}) {
        EXPECT_TRUE(fails_after({fault}, Success::read));
        EXPECT_FALSE(fails_after({fault}, Success::changed));
        EXPECT_FALSE(fails_after({fault}, Success::added));
    }
}

TEST_F(PushStoreHealthTest, WhatAnswersAgainIsReachable) {
    EXPECT_FALSE(fails_after({StoreFault::unreachable}, Success::read));
    EXPECT_FALSE(fails_after({StoreFault::busy}, Success::read));
}

TEST_F(PushStoreHealthTest, OurOwnLimitsAreNoFailures) {
    PushStoreHealth health;
    for (const StoreFault fault : {StoreFault::queue_full, StoreFault::author_queue_full,
                                   StoreFault::too_many_users, StoreFault::bad_text})
        health.note_failure({fault, "no"});
    EXPECT_FALSE(health.fails());
}

TEST_F(PushStoreHealthTest, IsAskedAgainLaterEachTimeUntilItAnswers) {
    PushStoreHealth health;
    EXPECT_EQ(health.next_retry(), PushStoreHealth::kRetryFirst);
    EXPECT_EQ(health.next_retry(), 2 * PushStoreHealth::kRetryFirst);
    for (int i = 0; i < 20; ++i)
        health.next_retry();
    EXPECT_EQ(health.next_retry(), PushStoreHealth::kRetryMax);
    health.note_success(Success::read);
    EXPECT_EQ(health.next_retry(), PushStoreHealth::kRetryFirst);
}

}  // namespace
}  // namespace pipit::net
