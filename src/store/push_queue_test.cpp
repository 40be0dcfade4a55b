#include <future>
#include <gmock/gmock.h>
#include <map>
#include <string>
#include <vector>

#include "store/testing/databases.hpp"

namespace pipit::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Users = std::vector<std::string>;

class PushQueue : public StoreTest {
 protected:
    /// `count` users with one browser each, named after the prefix.
    static void subscribe(PushStore& store, const std::string& prefix, int count,
                          const std::string& origin = "https://push.example") {
        ok(store.begin());
        for (int n = 1; n <= count; ++n) {
            const std::string name = prefix + std::to_string(n);
            ok(store.subscribe(subscription(name, name, origin), kNow));
        }
        ok(store.commit());
    }

    static Stored<std::int64_t> send(PushStore& store, const std::string& author, const Users& users) {
        return store.enqueue(notification(author), users, kNow);
    }

    static Progress progress(PushStore& store, std::int64_t id) { return ok(store.progress(id)).value(); }

    static std::vector<std::string> users_of(const std::vector<Delivery>& deliveries) {
        std::vector<std::string> users;
        for (const Delivery& delivery : deliveries)
            users.push_back(delivery.subscription.user_id);
        return users;
    }

    static std::map<std::string, int> count_authors(const std::vector<Delivery>& deliveries) {
        std::map<std::string, int> counts;
        for (const Delivery& delivery : deliveries)
            ++counts[delivery.notification.author];
        return counts;
    }

    /// Spreads until nothing is left or nothing can be; how many steps led further.
    static int spread_all(PushStore& store, std::size_t piece, UnixMs now = kNow) {
        int steps = 0;
        while (ok(store.spread_next(piece, now)) == PushStore::Spread::advanced)
            ++steps;
        return steps;
    }
};

// Limits.

TEST_P(PushQueue, RefusesNotificationsAboveItsLimitUntilOneIsFinished) {
    const auto store = open({.notifications_max = 2});
    subscribe(*store, "u", 1);
    ok(send(*store, "a", {"u1"}));
    ok(send(*store, "b", {"u1"}));
    EXPECT_EQ(fault(send(*store, "c", {"u1"})), StoreFault::queue_full);
    EXPECT_EQ(fault(store->enqueue_for_everyone(notification("c"), kNow)), StoreFault::queue_full);
    ok(store->finish(ok(store->take_due({}, kNow)).at(0), Outcome::delivered, kNow));
    ok(send(*store, "c", {"u1"}));
}

TEST_P(PushQueue, AnAuthorAtTheLimitDoesNotKeepOthersOut) {
    const auto store = open({.notifications_per_author_max = 1});
    subscribe(*store, "u", 1);
    ok(send(*store, "a", {"u1"}));
    EXPECT_EQ(fault(send(*store, "a", {"u1"})), StoreFault::author_queue_full);
    ok(send(*store, "b", {"u1"}));
}

TEST_P(PushQueue, RefusesTooManyUsersButCountsEachOnce) {
    const auto store = open({.users_per_notification_max = 2});
    subscribe(*store, "u", 3);
    EXPECT_EQ(fault(send(*store, "a", {"u1", "u2", "u3"})), StoreFault::too_many_users);
    const std::int64_t id = ok(send(*store, "a", {"u1", "u2", "u1"}));
    EXPECT_EQ(progress(*store, id).reached, 2);
}

TEST_P(PushQueue, ARefusedNotificationLeavesNothingBehind) {
    const auto store = open({.deliveries_max = 2});
    subscribe(*store, "u", 3);
    ok(send(*store, "a", {"u1"}));
    EXPECT_EQ(fault(send(*store, "a", {"u2", "u3"})), StoreFault::queue_full);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications"), 1);
    EXPECT_THAT(users_of(ok(store->take_due({}, kNow))), ElementsAre("u1"));
    ok(send(*store, "a", {"u2"}));
}

TEST_P(PushQueue, WhatAnotherProcessHasEndedLeavesRoomForMore) {
    const PushLimits limits{.notifications_max = 1, .deliveries_max = 2};
    const auto here = open(limits);
    const auto there = open(limits, "there");
    subscribe(*here, "u", 2);
    EXPECT_THAT(ok(there->take_due({}, kNow)), IsEmpty());
    for (const char* author : {"a", "b"}) {
        ok(send(*here, author, {"u1", "u2"}));
        for (const Delivery& delivery : ok(there->take_due({}, kNow)))
            ok(there->finish(delivery, Outcome::delivered, kNow));
    }
    ok(there->enqueue_for_everyone(notification("c"), kNow));
    EXPECT_EQ(spread_all(*there, 10), 1);
    EXPECT_THAT(ok(there->take_due({}, kNow)), SizeIs(2));
}

// Outcomes.

TEST_P(PushQueue, WhatIsTooLateIsNeverTaken) {
    const auto store = open();
    subscribe(*store, "u", 1);
    const std::int64_t id = ok(send(*store, "a", {"u1"}));
    EXPECT_THAT(ok(store->take_due({}, kNow + 60'000)), IsEmpty());
    EXPECT_EQ(progress(*store, id).expired, 1);
    EXPECT_EQ(progress(*store, id).finished_at, kNow + 60'000);
}

TEST_P(PushQueue, ASubscriptionThatIsGoneIsDeleted) {
    const auto store = open();
    subscribe(*store, "u", 1);
    const std::int64_t id = ok(send(*store, "a", {"u1"}));
    EXPECT_TRUE(ok(store->finish(ok(store->take_due({}, kNow)).at(0), Outcome::gone, kNow)));
    EXPECT_EQ(progress(*store, id).gone, 1);
    EXPECT_EQ(ok(store->count_subscriptions("u1")), 0u);
}

TEST_P(PushQueue, EveryOutcomeIsCountedAndTheLastOneFinishes) {
    const auto store = open();
    subscribe(*store, "u", 3);
    const std::int64_t id = ok(send(*store, "a", {"u1", "u2", "u3"}));
    const auto taken = ok(store->take_due({}, kNow));
    ASSERT_THAT(taken, SizeIs(3));
    ok(store->finish(taken[0], Outcome::delivered, kNow + 1));
    ok(store->finish(taken[1], Outcome::refused, kNow + 2));
    EXPECT_EQ(progress(*store, id).waiting, 1);
    EXPECT_EQ(progress(*store, id).finished_at, 0);
    ok(store->finish(taken[2], Outcome::expired, kNow + 3));
    const Progress end = progress(*store, id);
    EXPECT_EQ(end.author, "a");
    EXPECT_EQ(end.reached, 3);
    EXPECT_EQ(end.waiting, 0);
    EXPECT_EQ(end.delivered, 1);
    EXPECT_EQ(end.refused, 1);
    EXPECT_EQ(end.expired, 1);
    EXPECT_EQ(end.finished_at, kNow + 3);
}

TEST_P(PushQueue, TriesAgainWhenItIsTimeAndCountsTheAttempts) {
    const auto store = open();
    subscribe(*store, "u", 1);
    ok(send(*store, "a", {"u1"}));
    const auto first = ok(store->take_due({}, kNow));
    ASSERT_THAT(first, SizeIs(1));
    EXPECT_EQ(first[0].attempt, 1u);
    ok(store->finish(first[0], Outcome::retry, kNow, base::Millis{2'000}));
    EXPECT_EQ(ok(store->next_due()), kNow + 2'000);
    EXPECT_THAT(ok(store->take_due({}, kNow + 1'999)), IsEmpty());
    const auto second = ok(store->take_due({}, kNow + 2'000));
    ASSERT_THAT(second, SizeIs(1));
    EXPECT_EQ(second[0].attempt, 2u);
    EXPECT_FALSE(ok(store->finish(first[0], Outcome::delivered, kNow + 2'000)));
    EXPECT_TRUE(ok(store->finish(second[0], Outcome::delivered, kNow + 2'000)));
    EXPECT_EQ(ok(store->next_due()), std::nullopt);
}

TEST_P(PushQueue, ANotificationToNobodyIsFinishedAtOnce) {
    const auto store = open({.notifications_max = 1});
    EXPECT_EQ(progress(*store, ok(send(*store, "a", {"nobody"}))).finished_at, kNow);
    const std::int64_t id = ok(store->enqueue_for_everyone(notification("a"), kNow));
    EXPECT_EQ(progress(*store, id).finished_at, kNow);
    EXPECT_EQ(ok(store->spread_next(10, kNow)), PushStore::Spread::nothing);
}

TEST_P(PushQueue, ForgetsWhatANotificationSaidAsSoonAsItIsFinished) {
    const auto store = open();
    subscribe(*store, "u", 1);
    ok(send(*store, "a", {"u1"}));
    const auto taken = ok(store->take_due({}, kNow));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications WHERE payload <> ''"), 1);
    ok(store->finish(taken.at(0), Outcome::delivered, kNow));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications WHERE payload = ''"), 1);
}

TEST_P(PushQueue, ForgetsOnlyWhatHasBeenFinishedForLong) {
    const auto store = open();
    subscribe(*store, "u", 1);
    const std::int64_t waiting = ok(send(*store, "a", {"u1"}));
    const std::int64_t finished = ok(send(*store, "a", {"nobody"}));
    EXPECT_EQ(ok(store->purge_finished(kNow, 10)), 0u);
    EXPECT_EQ(ok(store->purge_finished(kNow + 1, 0)), 0u);
    EXPECT_EQ(ok(store->purge_finished(kNow + 1, 10)), 1u);
    EXPECT_EQ(ok(store->progress(finished)), std::nullopt);
    EXPECT_TRUE(ok(store->progress(waiting)).has_value());
}

// In flight.

TEST_P(PushQueue, WhatIsInFlightIsNotTakenTwice) {
    const auto here = open();
    const auto there = open({}, "there");
    subscribe(*here, "u", 1);
    ok(send(*here, "a", {"u1"}));
    ASSERT_THAT(ok(here->take_due({}, kNow)), SizeIs(1));
    EXPECT_THAT(ok(here->take_due({}, kNow)), IsEmpty());
    EXPECT_THAT(ok(there->take_due({}, kNow)), IsEmpty());
}

TEST_P(PushQueue, AfterItsLeaseADeliveryIsAnybodys) {
    const auto here = open();
    const auto there = open({}, "there");
    subscribe(*here, "u", 1);
    const std::int64_t id = ok(send(*here, "a", {"u1"}));
    const TakeLimits limits{.lease = base::Millis{10'000}};
    const auto lost = ok(here->take_due(limits, kNow));
    EXPECT_THAT(ok(there->take_due(limits, kNow + 9'999)), IsEmpty());
    const auto taken = ok(there->take_due(limits, kNow + 10'000));
    ASSERT_THAT(taken, SizeIs(1));
    EXPECT_FALSE(ok(here->finish(lost.at(0), Outcome::delivered, kNow + 10'000)));
    EXPECT_TRUE(ok(there->finish(taken[0], Outcome::delivered, kNow + 10'000)));
    EXPECT_EQ(progress(*here, id).delivered, 1);
}

TEST_P(PushQueue, RecoversItsOwnInFlightAndNobodyElses) {
    subscribe(*open(), "u", 2);
    const TakeLimits one{.deliveries_max = 1};
    const auto there = open({}, "there");
    {
        const auto died = open();
        ok(send(*died, "a", {"u1", "u2"}));
        ASSERT_THAT(ok(died->take_due(one, kNow)), SizeIs(1));
        ASSERT_THAT(ok(there->take_due(one, kNow)), SizeIs(1));
    }
    const auto store = open();
    EXPECT_THAT(ok(store->take_due({}, kNow)), IsEmpty());
    EXPECT_EQ(ok(store->recover(kNow)), 1u);
    const auto again = ok(store->take_due({}, kNow));
    EXPECT_THAT(users_of(again), ElementsAre("u1"));
    EXPECT_EQ(again.at(0).attempt, 2u);
}

TEST_P(PushQueue, RecoversWhatItsDeadProcessTookInACommitThatCameLate) {
    const auto died = open();
    subscribe(*died, "u", 1);
    ok(send(*died, "a", {"u1"}));
    const auto store = open();
    ok(died->begin());
    ASSERT_THAT(ok(died->take_due({}, kNow)), SizeIs(1));
    auto recovered = std::async(std::launch::async, [&] { return ok(store->recover(kNow)); });
    if (GetParam() == Dialect::postgresql) wait_until_somebody_waits();  // SQLite has one writer anyway
    ok(died->commit());
    EXPECT_EQ(recovered.get(), 1u);
    EXPECT_THAT(users_of(ok(store->take_due({}, kNow))), ElementsAre("u1"));
}

// Fairness.

TEST_P(PushQueue, CapsWhatIsInFlightToOneOrigin) {
    const auto store = open();
    subscribe(*store, "slow", 3, "https://slow.example");
    subscribe(*store, "fast", 3, "https://fast.example");
    ok(send(*store, "a", {"slow1", "slow2", "slow3", "fast1"}));
    const TakeLimits limits{.in_flight_per_origin_max = 2};
    const auto taken = ok(store->take_due(limits, kNow));
    EXPECT_THAT(users_of(taken), testing::UnorderedElementsAre("slow1", "slow2", "fast1"));
    EXPECT_THAT(ok(store->take_due(limits, kNow)), IsEmpty());
    for (const Delivery& delivery : taken)
        ok(store->finish(delivery, Outcome::delivered, kNow));
    EXPECT_THAT(users_of(ok(store->take_due(limits, kNow))), ElementsAre("slow3"));
}

TEST_P(PushQueue, CapsSomeOriginsInAnotherWay) {
    const auto store = open();
    subscribe(*store, "slow", 3, "https://slow.example");
    subscribe(*store, "fast", 3, "https://fast.example");
    ok(store->enqueue_for_everyone(notification("a"), kNow));
    spread_all(*store, 10);
    const TakeLimits limits{.in_flight_per_origin_max = 2,
                            .in_flight_of_origin_max = {{"https://slow.example", 1}}};
    EXPECT_THAT(users_of(ok(store->take_due(limits, kNow))),
                testing::UnorderedElementsAre("slow1", "fast1", "fast2"));
    EXPECT_THAT(ok(store->take_due(limits, kNow)), IsEmpty());
}

TEST_P(PushQueue, CapsWhatIsInFlightForOneAuthorOverAllOrigins) {
    const auto store = open();
    subscribe(*store, "x", 2, "https://x.example");
    subscribe(*store, "y", 2, "https://y.example");
    ok(send(*store, "a", {"x1", "x2", "y1", "y2"}));
    ok(send(*store, "b", {"x1"}));
    EXPECT_THAT(count_authors(ok(store->take_due({.in_flight_per_author_max = 3}, kNow))),
                ElementsAre(testing::Pair("a", 3), testing::Pair("b", 1)));
}

TEST_P(PushQueue, NobodyWaitsBehindSomebodyElsesHundreds) {
    const auto store = open();
    subscribe(*store, "u", 200);
    ok(store->enqueue_for_everyone(notification("loud"), kNow));
    spread_all(*store, 200);
    ok(store->enqueue(notification("quiet"), Users{"u1"}, kNow + 1));
    EXPECT_THAT(count_authors(ok(store->take_due({.deliveries_max = 10}, kNow + 1))),
                ElementsAre(testing::Pair("loud", 5), testing::Pair("quiet", 1)));
}

TEST_P(PushQueue, LanesTakeTurnsWhenThereAreMoreThanACallTakes) {
    const auto store = open();
    subscribe(*store, "u", 1);
    for (const char* author : {"a", "b", "c"}) {
        for (int n = 0; n < 2; ++n)
            ok(send(*store, author, {"u1"}));
    }
    std::string order;
    for (int n = 0; n < 6; ++n) {
        order += ok(store->take_due({.deliveries_max = 1}, kNow)).at(0).notification.author;
    }
    EXPECT_EQ(order, "abcabc");
}

// Everyone.

TEST_P(PushQueue, ReachesEveryoneOnceInPieces) {
    const auto store = open();
    subscribe(*store, "u", 5);
    const std::int64_t id = ok(store->enqueue_for_everyone(notification("a"), kNow));
    EXPECT_EQ(progress(*store, id).reached, 0);
    EXPECT_TRUE(progress(*store, id).spreading);
    EXPECT_EQ(ok(store->spread_next(2, kNow)), PushStore::Spread::advanced);
    EXPECT_EQ(progress(*store, id).reached, 2);
    EXPECT_TRUE(progress(*store, id).spreading);
    spread_all(*store, 2);
    EXPECT_EQ(progress(*store, id).reached, 5);
    EXPECT_FALSE(progress(*store, id).spreading);
    EXPECT_THAT(users_of(ok(store->take_due({}, kNow))), ElementsAre("u1", "u2", "u3", "u4", "u5"));
}

TEST_P(PushQueue, IsNotFinishedWhileItSpreads) {
    const auto store = open();
    subscribe(*store, "u", 2);
    const std::int64_t id = ok(store->enqueue_for_everyone(notification("a"), kNow));
    ok(store->spread_next(1, kNow));
    ok(store->finish(ok(store->take_due({}, kNow)).at(0), Outcome::delivered, kNow));
    EXPECT_EQ(progress(*store, id).finished_at, 0);
    spread_all(*store, 1);
    ok(store->finish(ok(store->take_due({}, kNow)).at(0), Outcome::delivered, kNow));
    EXPECT_EQ(progress(*store, id).finished_at, kNow);
}

TEST_P(PushQueue, EveryoneIsWhoWasSubscribedThen) {
    const auto store = open();
    subscribe(*store, "u", 3);
    const std::int64_t id = ok(store->enqueue_for_everyone(notification("a"), kNow));
    ok(store->unsubscribe("https://push.example/u2", "u2"));
    ok(store->subscribe(subscription("later", "u3"), kNow));  // the browser of u3 changes hands
    subscribe(*store, "new", 1);
    spread_all(*store, 1);
    EXPECT_EQ(progress(*store, id).reached, 1);
    EXPECT_THAT(users_of(ok(store->take_due({}, kNow))), ElementsAre("u1"));
}

TEST_P(PushQueue, GoesOnSpreadingAfterARestart) {
    std::int64_t id = 0;
    {
        const auto store = open();
        subscribe(*store, "u", 3);
        id = ok(store->enqueue_for_everyone(notification("a"), kNow));
        ok(store->spread_next(2, kNow));
    }
    const auto store = open();
    spread_all(*store, 2);
    EXPECT_EQ(progress(*store, id).reached, 3);
    EXPECT_THAT(users_of(ok(store->take_due({}, kNow))), ElementsAre("u1", "u2", "u3"));
}

TEST_P(PushQueue, SpreadsNoFurtherThanTheQueueHasRoom) {
    const auto store = open({.deliveries_max = 2});
    subscribe(*store, "u", 3);
    const std::int64_t id = ok(store->enqueue_for_everyone(notification("a"), kNow));
    spread_all(*store, 10);
    EXPECT_EQ(progress(*store, id).reached, 2);
    EXPECT_EQ(ok(store->spread_next(10, kNow)), PushStore::Spread::queue_full);
    ok(store->finish(ok(store->take_due({}, kNow)).at(0), Outcome::delivered, kNow));
    spread_all(*store, 10);
    EXPECT_EQ(progress(*store, id).reached, 3);
}

TEST_P(PushQueue, StopsSpreadingWhenItIsTooLate) {
    const auto store = open();
    subscribe(*store, "u", 3);
    const std::int64_t id = ok(store->enqueue_for_everyone(notification("a"), kNow));
    ok(store->spread_next(1, kNow));
    EXPECT_EQ(spread_all(*store, 1, kNow + 60'000), 1);
    EXPECT_EQ(progress(*store, id).expired, 2);
    EXPECT_EQ(progress(*store, id).waiting, 1);
}

TEST_P(PushQueue, TwoToEveryoneSpreadInTurns) {
    const auto store = open();
    subscribe(*store, "u", 2);
    const std::int64_t first = ok(store->enqueue_for_everyone(notification("a"), kNow));
    const std::int64_t second = ok(store->enqueue_for_everyone(notification("b"), kNow));
    ok(store->spread_next(1, kNow));
    ok(store->spread_next(1, kNow));
    EXPECT_EQ(progress(*store, first).reached, 1);
    EXPECT_EQ(progress(*store, second).reached, 1);
}

PIPIT_FOR_BOTH_DATABASES(PushQueue);

}  // namespace
}  // namespace pipit::store
