#include <future>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "store/testing/databases.hpp"

namespace pipit::store {
namespace {

using Subscriptions = StoreTest;
using testing::IsEmpty;

std::int64_t notify(PushStore& store, const std::string& user) {
    const std::vector<std::string> users{user};
    return ok(store.enqueue(notification("author"), users, kNow));
}

/// Of one browser of this user, which is told by its push service to be gone.
void end(PushStore& store, const SubscriptionRecord& record, UnixMs now) {
    ok(store.subscribe(record, now));
    notify(store, record.user_id);
    ok(store.finish(ok(store.take_due({}, now)).at(0), Outcome::gone, now));
}

TEST_P(Subscriptions, ATextThatOneDatabaseWouldChangeIsRefusedByBoth) {
    const auto store = open();
    ok(store->subscribe(subscription("ann", "1"), kNow));
    for (const std::string& user : {std::string("ann\0bob", 7), std::string("ann\xff")}) {
        EXPECT_EQ(fault(store->subscribe(subscription(user, "2"), kNow)), StoreFault::bad_text);
        EXPECT_EQ(fault(store->unsubscribe("https://push.example/1", user)), StoreFault::bad_text);
        const std::vector<std::string> users{user};
        EXPECT_EQ(fault(store->enqueue(notification("a"), users, kNow)), StoreFault::bad_text);
    }
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications"), 0);
}

TEST_P(Subscriptions, OnlyItsOwnUserEndsOne) {
    const auto store = open();
    ok(store->subscribe(subscription("ann", "1"), kNow));
    EXPECT_FALSE(ok(store->unsubscribe("https://push.example/1", "bob")));
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 1u);
    EXPECT_TRUE(ok(store->unsubscribe("https://push.example/1", "ann")));
    EXPECT_FALSE(ok(store->unsubscribe("https://push.example/1", "ann")));
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 0u);
}

TEST_P(Subscriptions, AboveTheLimitTheLeastRecentlyMadeGoes) {
    const auto store = open({.subscriptions_per_user_max = 2});
    ok(store->subscribe(subscription("ann", "1"), kNow));
    ok(store->subscribe(subscription("ann", "2"), kNow + 1));
    EXPECT_EQ(ok(store->subscribe(subscription("ann", "1"), kNow + 2)).evicted, 0u);  // the same once more
    EXPECT_EQ(ok(store->subscribe(subscription("ann", "3"), kNow + 3)).evicted, 1u);
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 2u);
    EXPECT_FALSE(ok(store->unsubscribe("https://push.example/2", "ann")));
    EXPECT_TRUE(ok(store->unsubscribe("https://push.example/1", "ann")));
}

TEST_P(Subscriptions, AnotherUsersEndpointIsNotTakenByWhoDoesNotKnowItsSecret) {
    const auto store = open();
    ok(store->subscribe(subscription("ann", "1"), kNow));
    SubscriptionRecord stolen = subscription("bob", "1");
    stolen.auth = "guessed";
    EXPECT_EQ(fault(store->subscribe(stolen, kNow)), StoreFault::endpoint_taken);
    // Nor in the place of one's own, be it there or gone.
    const auto own = subscription("bob", "own");
    ok(store->subscribe(own, kNow));
    EXPECT_EQ(fault(store->replace(own.endpoint, own.auth, stolen, kNow)), StoreFault::endpoint_taken);
    end(*store, own, kNow);
    EXPECT_EQ(fault(store->replace(own.endpoint, own.auth, stolen, kNow)), StoreFault::endpoint_taken);
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 1u);
    EXPECT_EQ(ok(store->count_subscriptions("bob")), 0u);
    EXPECT_TRUE(ok(store->replace(own.endpoint, own.auth, subscription("", "new"), kNow)));
}

TEST_P(Subscriptions, BelongsToWhoeverSubscribedLast) {
    const auto store = open();
    EXPECT_FALSE(ok(store->subscribe(subscription("ann", "1"), kNow)).rebound);
    EXPECT_FALSE(ok(store->subscribe(subscription("ann", "1"), kNow)).rebound);
    EXPECT_TRUE(ok(store->subscribe(subscription("bob", "1"), kNow)).rebound);
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 0u);
    EXPECT_EQ(ok(store->count_subscriptions("bob")), 1u);
}

TEST_P(Subscriptions, BelongsToWhoeverSubscribedLastThroughAnotherProcess) {
    const auto here = open();
    const auto there = open({}, "there");
    ok(here->begin());
    ok(here->subscribe(subscription("ann", "1"), kNow));
    auto last = std::async(std::launch::async,
                           [&] { return ok(there->subscribe(subscription("bob", "1"), kNow)).rebound; });
    if (GetParam() == Dialect::postgresql) wait_until_somebody_waits();  // SQLite has one writer anyway
    ok(here->commit());
    EXPECT_TRUE(last.get());
    EXPECT_EQ(ok(here->count_subscriptions("ann")), 0u);
    EXPECT_EQ(ok(here->count_subscriptions("bob")), 1u);
}

TEST_P(Subscriptions, WhatWaitsForAFormerUserReachesNobody) {
    const auto store = open();
    ok(store->subscribe(subscription("ann", "1"), kNow));
    const std::int64_t id = notify(*store, "ann");
    ok(store->subscribe(subscription("bob", "1"), kNow));
    EXPECT_THAT(ok(store->take_due({}, kNow)), IsEmpty());
    EXPECT_EQ(ok(store->progress(id))->gone, 1);
    EXPECT_EQ(ok(store->count_subscriptions("bob")), 1u);
}

TEST_P(Subscriptions, WhatWaitsForTheSameUserGoesToTheNewKeys) {
    const auto store = open();
    ok(store->subscribe(subscription("ann", "1"), kNow));
    notify(*store, "ann");
    SubscriptionRecord renewed = subscription("ann", "1");
    renewed.p256dh = "new key";
    renewed.auth = "new secret";
    renewed.vapid_key = "our new one";
    ok(store->subscribe(renewed, kNow));
    const auto taken = ok(store->take_due({}, kNow));
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].subscription.p256dh, "new key");
    EXPECT_EQ(taken[0].subscription.auth, "new secret");
    EXPECT_EQ(taken[0].subscription.vapid_key, "our new one");
}

TEST_P(Subscriptions, AreReplacedOnlyByWhoKnowsBothTheEndpointAndTheSecret) {
    const auto store = open();
    const auto old = subscription("ann", "old");
    ok(store->subscribe(old, kNow));
    EXPECT_FALSE(ok(store->replace(old.endpoint, "guessed", subscription("", "new"), kNow)));
    EXPECT_FALSE(ok(store->replace("https://push.example/other", old.auth, subscription("", "new"), kNow)));
    EXPECT_TRUE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
    EXPECT_FALSE(ok(store->replace(old.endpoint, old.auth, subscription("", "newer"), kNow)));
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 1u);
}

TEST_P(Subscriptions, AReplacementGetsWhatWaitsAndItsEndpointIsNobodyElsesAnyMore) {
    const auto store = open();
    const auto old = subscription("ann", "old");
    ok(store->subscribe(old, kNow));
    ok(store->subscribe(subscription("ben", "new"), kNow));
    ok(store->enqueue(notification("author"), std::vector<std::string>{"ann"}, kNow));
    EXPECT_TRUE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
    EXPECT_EQ(ok(store->count_subscriptions("ben")), 0u);
    const auto due = ok(store->take_due({}, kNow));
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].subscription.endpoint, subscription("", "new").endpoint);
    EXPECT_EQ(due[0].subscription.user_id, "ann");
}

TEST_P(Subscriptions, AreNotDeletedWithTheEndpointThatTheyReplaced) {
    const auto store = open();
    const auto old = subscription("ann", "old");
    ok(store->subscribe(old, kNow));
    ok(store->enqueue(notification("author"), std::vector<std::string>{"ann"}, kNow));
    const auto taken = ok(store->take_due({}, kNow));
    ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow));
    EXPECT_TRUE(ok(store->finish(taken.at(0), Outcome::gone, kNow)));
    EXPECT_FALSE(ok(store->finish(taken.at(0), Outcome::gone, kNow)));
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 1u);
    const auto again = ok(store->take_due({}, kNow));  // what the old one did not get
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].subscription.endpoint, subscription("", "new").endpoint);
    EXPECT_EQ(again[0].attempt, 2u);
}

TEST_P(Subscriptions, OneThatIsGoneIsReplacedByNobodyWhoDoesNotKnowItsSecret) {
    const auto store = open();
    const auto old = subscription("ann", "old");
    end(*store, old, kNow);
    EXPECT_FALSE(ok(store->replace(old.endpoint, "guessed", subscription("", "new"), kNow)));
    EXPECT_FALSE(ok(store->replace("https://push.example/other", old.auth, subscription("", "new"), kNow)));
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 0u);
}

TEST_P(Subscriptions, OneThatIsGoneIsReplacedOnceAndReachedAgain) {
    const auto store = open();
    const auto old = subscription("ann", "old");
    end(*store, old, kNow);
    EXPECT_TRUE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
    EXPECT_FALSE(ok(store->replace(old.endpoint, old.auth, subscription("", "newer"), kNow)));
    notify(*store, "ann");
    const auto due = ok(store->take_due({}, kNow));
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].subscription.endpoint, subscription("", "new").endpoint);
}

TEST_P(Subscriptions, OneThatIsGoneIsNotBroughtBackAfterItsUserHasUnsubscribed) {
    const auto store = open();
    const auto old = subscription("ann", "old");
    end(*store, old, kNow);
    EXPECT_FALSE(ok(store->unsubscribe(old.endpoint, "ben")));
    EXPECT_FALSE(ok(store->unsubscribe(old.endpoint, "ann")));
    EXPECT_FALSE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
}

TEST_P(Subscriptions, OneThatEndedInAnotherWayIsNotBroughtBack) {
    const auto store = open({.subscriptions_per_user_max = 1});
    const auto old = subscription("ann", "old");
    ok(store->subscribe(old, kNow));
    ok(store->unsubscribe(old.endpoint, "ann"));
    EXPECT_FALSE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
    ok(store->subscribe(old, kNow));
    ok(store->subscribe(subscription("ann", "one more"), kNow + 1));
    EXPECT_FALSE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM former_subscriptions"), 0);
}

TEST_P(Subscriptions, WhoSubscribesTheEndpointOfOneThatIsGoneHasItAlone) {
    const auto store = open();
    auto old = subscription("ann", "old");
    end(*store, old, kNow);
    old.user_id = "ben";
    ok(store->subscribe(old, kNow));
    EXPECT_TRUE(ok(store->replace(old.endpoint, old.auth, subscription("", "new"), kNow)));
    EXPECT_FALSE(ok(store->replace(old.endpoint, old.auth, subscription("", "newer"), kNow)));
    EXPECT_EQ(ok(store->count_subscriptions("ann")), 0u);
    EXPECT_EQ(ok(store->count_subscriptions("ben")), 1u);
}

TEST_P(Subscriptions, OfThoseThatAreGoneTheNewestAreRememberedAndNotForLong) {
    const auto store = open({.subscriptions_per_user_max = 2});
    for (int n = 1; n <= 3; ++n)
        end(*store, subscription("ann", std::to_string(n)), kNow + n);
    end(*store, subscription("ben", "4"), kNow);
    const auto remembered = [&] {
        return database_.text("SELECT MIN(endpoint) || ' ' || MAX(endpoint) FROM former_subscriptions");
    };
    EXPECT_EQ(remembered(), "https://push.example/2 https://push.example/4");
    EXPECT_EQ(ok(store->purge_former(kNow + 3, 1)), 1u);
    EXPECT_EQ(remembered(), "https://push.example/2 https://push.example/3");
    EXPECT_EQ(ok(store->purge_former(kNow + 3, 10)), 1u);
    EXPECT_EQ(remembered(), "https://push.example/3 https://push.example/3");
}

TEST_P(Subscriptions, AnyTextComesBackAsItWas) {
    const auto store = open();
    const std::string odd = "'; DROP TABLE subscriptions; -- \" \\ :colon ? $1 \n \u00e9 \u4f60 \U0001F426";
    SubscriptionRecord record = subscription(odd, "1");
    record.auth = odd;
    ok(store->subscribe(record, kNow));
    NotificationRecord sent = notification(odd);
    sent.payload = odd;
    sent.topic = odd;
    const std::vector<std::string> users{odd};
    ok(store->enqueue(sent, users, kNow));
    const auto taken = ok(store->take_due({}, kNow));
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].subscription.user_id, odd);
    EXPECT_EQ(taken[0].subscription.auth, odd);
    EXPECT_EQ(taken[0].notification.author, odd);
    EXPECT_EQ(taken[0].notification.payload, odd);
    EXPECT_EQ(taken[0].notification.topic, odd);
}

TEST_P(Subscriptions, OutliveTheProcess) {
    ok(open()->subscribe(subscription("ann", "1"), kNow));
    EXPECT_EQ(ok(open()->count_subscriptions("ann")), 1u);
}

PIPIT_FOR_BOTH_DATABASES(Subscriptions);

}  // namespace
}  // namespace pipit::store
