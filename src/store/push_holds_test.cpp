#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "store/testing/databases.hpp"

namespace pipit::store {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using Users = std::vector<std::string>;

class PushHolds : public StoreTest {
 protected:
    static constexpr UnixMs kUntil = kNow + 8'000;

    static void subscribe(PushStore& store, const Users& users) {
        for (const std::string& user : users)
            ok(store.subscribe(subscription(user, user), kNow));
    }
    static PushStore::Addressed address(PushStore& store, const Users& away, const Users& here) {
        return ok(store.enqueue_addressed(notification("author"), away, here, kUntil, kNow));
    }
    static Users due(PushStore& store, UnixMs now = kNow) {
        Users users;
        for (const Delivery& delivery : ok(store.take_due({}, now)))
            users.push_back(delivery.subscription.user_id);
        return users;
    }
    std::int64_t rows(const std::string& table) const {
        return database_.number("SELECT COUNT(*) FROM " + table);
    }
};

TEST_P(PushHolds, RefuseMoreUsersThanOneNotificationMayHave) {
    const auto store = open({.users_per_notification_max = 2});
    const Users away{"a", "b"};
    const Users here{"c"};
    const auto refused = store->enqueue_addressed(notification("author"), away, here, kUntil, kNow);
    EXPECT_EQ(fault(refused), StoreFault::too_many_users);
}

TEST_P(PushHolds, ARefusalLeavesNothingBehind) {
    const auto store = open({.deliveries_max = 1});
    subscribe(*store, {"a", "b", "c"});
    const Users away{"a", "b"};
    const Users here{"c"};
    const auto refused = store->enqueue_addressed(notification("author"), away, here, kUntil, kNow);
    EXPECT_EQ(fault(refused), StoreFault::queue_full);
    EXPECT_EQ(rows("notifications") + rows("deliveries") + rows("holds"), 0);
}

TEST_P(PushHolds, NothingIsWrittenWhenNobodyHasASubscription) {
    const auto store = open();
    const auto addressed = address(*store, {"a"}, {"b"});
    EXPECT_EQ(addressed.id, 0);
    EXPECT_THAT(addressed.held, IsEmpty());
    EXPECT_EQ(rows("notifications"), 0);
}

TEST_P(PushHolds, OnlyThoseAwayAreNotifiedAtOnce) {
    const auto store = open();
    subscribe(*store, {"a", "h", "i"});
    const auto addressed = address(*store, {"a", "nobody"}, {"h", "i", "stranger"});
    EXPECT_THAT(addressed.held, UnorderedElementsAre("h", "i"));
    EXPECT_THAT(due(*store), UnorderedElementsAre("a"));
    EXPECT_EQ(rows("holds"), 1);
}

TEST_P(PushHolds, ThoseWhomItDidNotReachAreNotifiedAfterAll) {
    const auto store = open();
    subscribe(*store, {"h", "i"});
    const auto addressed = address(*store, {}, {"h", "i"});
    ok(store->end_hold(addressed.id, Users{"i"}, kUntil));
    EXPECT_THAT(due(*store, kUntil), UnorderedElementsAre("i"));
    EXPECT_EQ(rows("holds"), 0);
}

TEST_P(PushHolds, AHoldThatHasEndedDoesNotEndAgain) {
    const auto store = open();
    subscribe(*store, {"h"});
    const auto addressed = address(*store, {}, {"h"});
    ok(store->end_hold(addressed.id, Users{"h"}, kUntil));
    ok(store->end_hold(addressed.id, Users{"h"}, kUntil));
    EXPECT_THAT(due(*store, kUntil), SizeIs(1));
}

TEST_P(PushHolds, ANotificationIsNotFinishedWhileSomebodyIsHeldAndThenForgotten) {
    const auto store = open();
    subscribe(*store, {"a", "h"});
    const auto addressed = address(*store, {"a"}, {"h"});
    ok(store->finish(ok(store->take_due({}, kNow)).at(0), Outcome::delivered, kNow));
    EXPECT_EQ(ok(store->progress(addressed.id))->finished_at, 0);
    ok(store->end_hold(addressed.id, {}, kUntil));
    EXPECT_FALSE(ok(store->progress(addressed.id)).has_value());
    EXPECT_EQ(rows("notifications"), 0);
}

TEST_P(PushHolds, ANotificationIsForgottenWithItsLastDeliveryAndMakesRoom) {
    const auto store = open({.notifications_max = 1});
    subscribe(*store, {"a", "b"});
    for (const Outcome last : {Outcome::delivered, Outcome::gone, Outcome::refused, Outcome::expired}) {
        subscribe(*store, {"b"});
        const auto addressed = address(*store, {"a", "b"}, {});
        const auto taken = ok(store->take_due({}, kNow));
        ok(store->finish(taken.at(0), Outcome::delivered, kNow));
        EXPECT_EQ(ok(store->progress(addressed.id))->waiting, 1);
        ok(store->finish(taken.at(1), last, kNow));
        EXPECT_EQ(rows("notifications"), 0);
    }
}

TEST_P(PushHolds, AfterADeathAllOfItsHeldAreNotifiedAndNobodyElses) {
    const auto other = open({}, "there");
    subscribe(*other, {"h", "i"});
    address(*other, {}, {"i"});
    address(*open(), {}, {"h"});
    const auto restarted = open();
    ok(restarted->recover(kNow));
    EXPECT_THAT(due(*restarted), UnorderedElementsAre("h"));
    EXPECT_EQ(rows("holds"), 1);
}

TEST_P(PushHolds, WhatADeadHolderLeftIsTakenOverOnceItIsOverdue) {
    const auto other = open({}, "there");
    subscribe(*other, {"h"});
    address(*other, {}, {"h"});
    const auto store = open();
    ok(store->end_overdue_holds(kUntil, kNow));
    EXPECT_THAT(due(*store), IsEmpty());
    ok(store->end_overdue_holds(kUntil + 1, kNow));
    EXPECT_THAT(due(*store), UnorderedElementsAre("h"));
}

TEST_P(PushHolds, TakeAsManyUsersAsANotificationMayHaveAndNamesOfAllKinds) {
    const auto store = open();
    Users users;
    for (int n = 0; n < 10'000; ++n)
        users.push_back("\"user\" " + std::to_string(n) + " ü");
    subscribe(*store, {users.front(), users.back()});
    const auto addressed = address(*store, {}, users);
    EXPECT_THAT(addressed.held, UnorderedElementsAre(users.front(), users.back()));
    ok(store->end_hold(addressed.id, users, kUntil));
    EXPECT_THAT(due(*store, kUntil), UnorderedElementsAre(users.front(), users.back()));
}

PIPIT_FOR_BOTH_DATABASES(PushHolds);

}  // namespace
}  // namespace pipit::store
