#include "core/arrivals.hpp"

#include <gmock/gmock.h>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint64_t> answer(Arrivals& arrivals) {
    std::vector<std::uint64_t> arrived;
    arrivals.on_answer([&](std::uint64_t notification) { arrived.push_back(notification); });
    return arrived;
}

TEST(Arrivals, ComeWithTheAnswerToTheirOwnHeartbeatAndNoneBefore) {
    Arrivals arrivals;
    arrivals.expect(7, 3);
    EXPECT_THAT(answer(arrivals), IsEmpty());
    EXPECT_THAT(answer(arrivals), IsEmpty());
    EXPECT_THAT(answer(arrivals), ElementsAre(7));
    EXPECT_TRUE(arrivals.empty());
}

TEST(Arrivals, CountFromWhatIsUnansweredWhenEachIsExpected) {
    Arrivals arrivals;
    arrivals.expect(1, 1);
    arrivals.expect(2, 2);
    EXPECT_THAT(answer(arrivals), ElementsAre(1));
    arrivals.expect(3, 3);  // one heartbeat of the clock came between
    EXPECT_THAT(answer(arrivals), ElementsAre(2));
    EXPECT_THAT(answer(arrivals), IsEmpty());
    EXPECT_THAT(answer(arrivals), ElementsAre(3));
}

TEST(Arrivals, AreBounded) {
    Arrivals arrivals;
    for (std::size_t i = 0; i < Arrivals::kWaitingMax; ++i) {
        EXPECT_TRUE(arrivals.has_room());
        arrivals.expect(i, i + 1);
    }
    EXPECT_FALSE(arrivals.has_room());
    answer(arrivals);
    EXPECT_TRUE(arrivals.has_room());
}

}  // namespace
}  // namespace pipit::core
