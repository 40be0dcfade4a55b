#include "push/fair_queue.hpp"

#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Queue = FairQueue<std::string>;

constexpr FairQueueLimits kRoomy{.in_flight_per_origin_max = 100};

void push(Queue& queue, const std::string& origin, const std::string& user, int count = 1) {
    for (int i = 1; i <= count; ++i)
        EXPECT_EQ(queue.push(origin, user, origin + user + std::to_string(i)), Admission::accepted);
}

/// All that may leave now.
std::vector<std::string> leaving(Queue& queue) {
    std::vector<std::string> jobs;
    while (auto job = queue.next())
        jobs.push_back(*job);
    return jobs;
}

TEST(FairQueue, RefusesWhatExceedsItsLimit) {
    Queue queue({.waiting_max = 2});
    push(queue, "a", "u", 2);
    EXPECT_EQ(queue.push("b", "v", "one too many"), Admission::queue_full);
    EXPECT_EQ(queue.waiting(), 2U);
    EXPECT_EQ(queue.origins(), 1U);
}

TEST(FairQueue, RefusesWhatExceedsTheLimitOfOneOriginAndStillTakesFromOthers) {
    Queue queue({.waiting_max = 3, .waiting_per_origin_max = 2});
    push(queue, "a", "u", 2);
    EXPECT_EQ(queue.push("a", "v", "one too many"), Admission::origin_full);
    EXPECT_EQ(queue.push("b", "v", "b"), Admission::accepted);
}

TEST(FairQueue, LeavesARefusedJobWithItsOwner) {
    FairQueue<std::unique_ptr<int>> queue({.waiting_max = 1});
    queue.push("a", "u", std::make_unique<int>(1));
    auto job = std::make_unique<int>(2);
    EXPECT_EQ(queue.push("a", "u", std::move(job)), Admission::queue_full);
    EXPECT_NE(job, nullptr);
}

TEST(FairQueue, HasNothingWhenNothingWaits) {
    EXPECT_THAT(leaving(*std::make_unique<Queue>(kRoomy)), IsEmpty());
}

TEST(FairQueue, LetsOriginsTakeTurns) {
    Queue queue(kRoomy);
    push(queue, "a", "u", 3);
    push(queue, "b", "u", 2);
    push(queue, "c", "u", 1);
    EXPECT_THAT(leaving(queue), ElementsAre("au1", "bu1", "cu1", "au2", "bu2", "au3"));
}

TEST(FairQueue, LetsTheUsersOfAnOriginTakeTurns) {
    Queue queue(kRoomy);
    push(queue, "a", "u", 3);
    push(queue, "a", "v", 2);
    push(queue, "a", "w", 1);
    EXPECT_THAT(leaving(queue), ElementsAre("au1", "av1", "aw1", "au2", "av2", "au3"));
}

TEST(FairQueue, PutsAUserWhoComesBackBehindThoseWhoWait) {
    Queue queue({.in_flight_max = 2});
    push(queue, "a", "u", 2);
    push(queue, "a", "v", 2);
    EXPECT_THAT(leaving(queue), ElementsAre("au1", "av1"));
    push(queue, "a", "w");
    queue.finish("a");
    queue.finish("a");
    EXPECT_THAT(leaving(queue), ElementsAre("au2", "av2"));
}

TEST(FairQueue, HoldsASlowOriginBackAndNobodyElse) {
    Queue queue({.in_flight_max = 4, .in_flight_per_origin_max = 2});
    push(queue, "slow", "u", 100);
    push(queue, "fast", "u", 3);
    EXPECT_THAT(leaving(queue), ElementsAre("slowu1", "fastu1", "slowu2", "fastu2"));
    queue.finish("fast");
    EXPECT_THAT(leaving(queue), ElementsAre("fastu3"));
    queue.finish("fast");
    EXPECT_THAT(leaving(queue), IsEmpty());
    queue.finish("slow");
    EXPECT_THAT(leaving(queue), ElementsAre("slowu3"));
}

TEST(FairQueue, KeepsToTheTotal) {
    Queue queue({.in_flight_max = 2, .in_flight_per_origin_max = 2});
    for (const char* origin : {"a", "b", "c"})
        push(queue, origin, "u");
    EXPECT_THAT(leaving(queue), SizeIs(2));
    EXPECT_EQ(queue.in_flight(), 2U);
    queue.finish("a");
    EXPECT_THAT(leaving(queue), ElementsAre("cu1"));
}

TEST(FairQueue, SendsMoreAtATimeToAnOriginThatMultiplexes) {
    Queue queue({.in_flight_per_origin_max = 1, .in_flight_per_multiplexing_origin_max = 3});
    push(queue, "a", "u", 5);
    EXPECT_THAT(leaving(queue), SizeIs(1));
    queue.multiplexes("a");
    EXPECT_THAT(leaving(queue), SizeIs(2));
    queue.finish("a");
    EXPECT_THAT(leaving(queue), SizeIs(1));
}

TEST(FairQueue, ForgetsAnOriginOfWhichNothingIsLeft) {
    Queue queue(kRoomy);
    push(queue, "a", "u", 2);
    EXPECT_THAT(leaving(queue), SizeIs(2));
    queue.finish("a");
    EXPECT_EQ(queue.origins(), 1U);
    queue.finish("a");
    EXPECT_EQ(queue.origins(), 0U);
    EXPECT_EQ(queue.in_flight(), 0U);
}

TEST(FairQueue, GivesUpWhatWaitsAndKnowsWhatIsInFlight) {
    Queue queue({.in_flight_max = 1});
    push(queue, "a", "u", 2);
    push(queue, "b", "v", 1);
    EXPECT_THAT(leaving(queue), ElementsAre("au1"));
    EXPECT_THAT(queue.take_waiting(), UnorderedElementsAre("au2", "bv1"));
    EXPECT_EQ(queue.waiting(), 0U);
    EXPECT_EQ(queue.origins(), 1U);
    queue.finish("a");
    EXPECT_EQ(queue.origins(), 0U);
    push(queue, "a", "u");
    EXPECT_THAT(leaving(queue), ElementsAre("au1"));
}

}  // namespace
}  // namespace pipit::push
