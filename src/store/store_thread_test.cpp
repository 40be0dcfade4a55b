#include "store/store_thread.hpp"

#include <future>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "store/testing/databases.hpp"

namespace pipit::store {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kNobody{"nobody"};

class StoreThreads : public StoreTest {
 protected:
    StoreThread thread_{open({.users_per_notification_max = 1}), {.jobs_waiting_max = 4}};

    /// Keeps the thread busy until the promise is kept; returns when it is.
    std::promise<void> hold() {
        std::promise<void> release;
        std::promise<void> held;
        EXPECT_TRUE(thread_.submit<std::monostate>(
            [&held, released = release.get_future().share()](PushStore&) -> Saved {
                held.set_value();
                released.wait();
                return std::monostate{};
            },
            [](const Saved&) {}));
        held.get_future().wait();
        return release;
    }

    bool enqueue(const std::vector<std::string>& users, std::function<void(Stored<std::int64_t>)> done) {
        return thread_.submit<std::int64_t>(
            [users](PushStore& store) { return store.enqueue(notification("a"), users, kNow); },
            std::move(done));
    }

    std::future<Stored<std::int64_t>> enqueue(const std::vector<std::string>& users) {
        auto promise = std::make_shared<std::promise<Stored<std::int64_t>>>();
        EXPECT_TRUE(
            enqueue(users, [promise](Stored<std::int64_t> id) { promise->set_value(std::move(id)); }));
        return promise->get_future();
    }
};

TEST_P(StoreThreads, RefusesWhatExceedsItsQueue) {
    auto held = hold();
    int done = 0;
    for (int n = 0; n < 4; ++n)
        EXPECT_TRUE(enqueue(kNobody, [&](const Stored<std::int64_t>&) { ++done; }));
    EXPECT_FALSE(enqueue(kNobody, [&](const Stored<std::int64_t>&) { ++done; }));
    held.set_value();
    thread_.stop();
    EXPECT_EQ(done, 4);
}

TEST_P(StoreThreads, StopRunsWhatWasSubmittedAndTakesNoMore) {
    auto held = hold();
    std::vector<int> done;
    for (int n = 0; n < 3; ++n) {
        EXPECT_TRUE(enqueue(kNobody, [&done, n](const Stored<std::int64_t>&) { done.push_back(n); }));
    }
    held.set_value();
    thread_.stop();
    EXPECT_THAT(done, ElementsAre(0, 1, 2));
    EXPECT_FALSE(enqueue(kNobody, [](const Stored<std::int64_t>&) {}));
    thread_.stop();
}

TEST_P(StoreThreads, AJobThatFailsDoesNotTakeTheOthersOfItsTransactionAlong) {
    auto held = hold();
    auto before = enqueue(kNobody);
    auto refused = enqueue({"two", "users"});
    auto after = enqueue(kNobody);
    held.set_value();
    ok(before.get());
    EXPECT_EQ(fault(refused.get()), StoreFault::too_many_users);
    ok(after.get());
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications"), 2);
}

TEST_P(StoreThreads, SaysDoneWhenOthersCanSeeIt) {
    std::promise<std::int64_t> seen;
    EXPECT_TRUE(enqueue(kNobody, [&](const Stored<std::int64_t>&) {
        seen.set_value(database_.number("SELECT COUNT(*) FROM notifications"));
    }));
    EXPECT_EQ(seen.get_future().get(), 1);
}

TEST_P(StoreThreads, NothingIsSeenOfATransactionThatIsNotDone) {
    auto held = hold();
    auto first = enqueue(kNobody);
    std::promise<std::int64_t> seen;
    EXPECT_TRUE(thread_.submit<std::monostate>(
        [&](PushStore&) -> Saved {
            seen.set_value(database_.number("SELECT COUNT(*) FROM notifications"));
            return std::monostate{};
        },
        [](const Saved&) {}));
    held.set_value();
    EXPECT_EQ(seen.get_future().get(), 0);
    ok(first.get());
}

TEST(PostgresqlThread, EveryJobHearsThatTheServerIsGoneAndLaterOnesThatItIsBack) {
    const TestDatabase database(Dialect::postgresql);
    StoreThread thread(ok(PushStore::open(database.url(), {}, "here")), {});
    const auto enqueue = [&] {
        auto promise = std::make_shared<std::promise<Stored<std::int64_t>>>();
        EXPECT_TRUE(thread.submit<std::int64_t>(
            [](PushStore& store) { return store.enqueue(notification("a"), kNobody, kNow); },
            [promise](Stored<std::int64_t> id) { promise->set_value(std::move(id)); }));
        return promise->get_future();
    };
    ok(enqueue().get());
    postgresql_server().kill();
    std::vector<std::future<Stored<std::int64_t>>> lost;
    for (int n = 0; n < 10; ++n)
        lost.push_back(enqueue());
    for (auto& each : lost)
        EXPECT_EQ(fault(each.get()), StoreFault::unreachable);
    postgresql_server().start();
    ok(enqueue().get());
}

PIPIT_FOR_BOTH_DATABASES(StoreThreads);

}  // namespace
}  // namespace pipit::store
