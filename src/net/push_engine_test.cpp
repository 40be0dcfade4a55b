#include <gmock/gmock.h>

#include "net/push_engine_fixture.hpp"
#include "net/push_lifetime.hpp"

namespace pipit::net {
namespace {

using codec::ErrorReason;
using testing::AllOf;
using testing::HasSubstr;

// Subscriptions.

TEST_F(PushEngineTest, RefusesABadSubscriptionAndSaysWhatIsWrong) {
    start();
    auto bad = subscription("/ann");
    bad.endpoint = "https://127.0.0.1/x";
    const auto answer = ask(core::KeepSubscription{next_asker(), user_id("ann"), bad});
    EXPECT_EQ(answer.error, ErrorReason::invalid_parameter);
    EXPECT_THAT(answer.text, HasSubstr("endpoint must"));
}

TEST_F(PushEngineTest, RefusesASubscriptionMadeWithAKeyThatIsNotOurs) {
    start();
    auto foreign = subscription("/ann");
    foreign.vapid = push::P256Key::generate(random_).public_text();
    const auto answer = ask(core::KeepSubscription{next_asker(), user_id("ann"), foreign});
    EXPECT_EQ(answer.error, ErrorReason::unknown_vapid_key);
}

TEST_F(PushEngineTest, RefusesTheEndpointOfAnotherUserWithoutItsSecret) {
    start();
    subscribe("ann");
    auto stolen = subscription("/ann");
    stolen.auth = base::base64url_encode(base::as_bytes("fedcba9876543210"));
    const auto answer = ask(core::KeepSubscription{next_asker(), user_id("bob"), stolen});
    EXPECT_EQ(answer.error, ErrorReason::invalid_parameter);
    EXPECT_THAT(answer.text, HasSubstr("keys.auth must be what it was"));
    push_to({{"ann"}});
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, TellsTheKeyOfNowAndTakesSubscriptionsMadeWithAFormerOne) {
    start();
    EXPECT_THAT(ask(core::TellVapidKey{next_asker()}).text, HasSubstr(vapid()));
    push::VapidKeys rotated = keys();
    rotated.rotate(push::P256Key::generate(random_));
    const std::string newer = rotated.current().public_text();
    engine_->set_keys(std::move(rotated));
    EXPECT_THAT(ask(core::TellVapidKey{next_asker()}).text, HasSubstr(newer));
    auto former = subscription("/ann");
    former.vapid = vapid();
    EXPECT_EQ(ask(core::KeepSubscription{next_asker(), user_id("ann"), former}).error, std::nullopt);
    push_to({{"ann"}});
    ASSERT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_THAT(service_.heads("/ann").at(0), HasSubstr("k=" + vapid()));
}

TEST_F(PushEngineTest, AnUnsubscribedBrowserIsReachedNoMoreAndThereNeedBeNone) {
    start();
    subscribe("ann");
    for (int times = 0; times < 2; ++times) {
        EXPECT_EQ(ask(core::DropSubscription{next_asker(), user_id("ann"), {service_.url("/ann")}}).text,
                  R"({"message":"SUCCESS: Unsubscribed from notifications."})");
    }
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"reached\":0"));
}

TEST_F(PushEngineTest, ReplacesASubscriptionForWhoKnowsItAndNobodyElse) {
    start();
    const auto old = subscription("/old");
    ask(core::KeepSubscription{next_asker(), user_id("ann"), old});
    const auto replace = [&](const std::string& auth) {
        return ask(core::ReplaceSubscription{next_asker(), {old.endpoint, auth, subscription("/new")}});
    };
    EXPECT_EQ(replace("guessed").error, ErrorReason::subscription_not_found);
    EXPECT_EQ(replace(old.auth).error, std::nullopt);
    push_to({{"ann"}});
    EXPECT_TRUE(service_.was_asked("/new", 1));
}

TEST_F(PushEngineTest, ASubscriptionThatItsServiceHasEndedIsReplacedAndReachedAgain) {
    start();
    service_.answer("/old", {"410 Gone"});
    const auto old = subscription("/old");
    ask(core::KeepSubscription{next_asker(), user_id("ann"), old});
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"gone\":1"));
    const auto replaced =
        ask(core::ReplaceSubscription{next_asker(), {old.endpoint, old.auth, subscription("/new")}});
    EXPECT_EQ(replaced.error, std::nullopt);
    push_to({{"ann"}});
    EXPECT_TRUE(service_.was_asked("/new", 1));
}

// Pushes.

TEST_F(PushEngineTest, KnowsNothingOfAPushThatNeverWas) {
    start();
    for (const std::uint64_t push : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
        EXPECT_EQ(ask(core::TellPushProgress{next_asker(), push}).error, ErrorReason::push_not_found);
    }
}

TEST_F(PushEngineTest, SaysWhichLimitAPushExceeds) {
    start({.users_per_notification_max = 1, .notifications_per_author_max = 1});
    const auto many = push_to({{"ann", "ben"}});
    EXPECT_EQ(many.error, ErrorReason::invalid_parameter);
    EXPECT_THAT(many.text, HasSubstr("at most 1 users"));
    service_.answer("/ann", {"503 Later"});
    subscribe("ann");
    push_to({{"ann"}});
    EXPECT_EQ(push_to({{"ann"}}).error, ErrorReason::push_queue_full);
}

TEST_F(PushEngineTest, PushesToThoseNamedAndToEveryoneAndCounts) {
    start();
    for (const char* user : {"ann", "ben", "cid"})
        subscribe(user);
    EXPECT_THAT(push_to({{"ann", "ann", "nobody"}}).text, HasSubstr("\"push\":\"1\""));
    EXPECT_THAT(finished(1), AllOf(HasSubstr("\"reached\":1,"), HasSubstr("\"delivered\":1,")));
    EXPECT_THAT(push_to(std::nullopt).text, HasSubstr("\"push\":\"2\""));
    EXPECT_THAT(finished(2), AllOf(HasSubstr("\"reached\":3,"), HasSubstr("\"delivered\":3,")));
    EXPECT_EQ(service_.heads("/ann").size(), 2u);
}

TEST_F(PushEngineTest, ABrowserThatIsGoneIsForgotten) {
    start();
    service_.answer("/ann", {"410 Gone"});
    subscribe("ann");
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"gone\":1"));
    push_to({{"ann"}});
    EXPECT_THAT(finished(2), HasSubstr("\"reached\":0"));
}

TEST_F(PushEngineTest, TriesAgainWhatTheServiceCouldNotTakeAndOnlyThat) {
    start();
    service_.answer("/ann", {"503 Later", "500 Broken", "201 Created"});
    service_.answer("/ben", {"413 Too Large"});
    subscribe("ann");
    subscribe("ben");
    push_to({{"ann", "ben"}});
    EXPECT_THAT(finished(1), AllOf(HasSubstr("\"delivered\":1"), HasSubstr("\"refused\":1")));
    EXPECT_EQ(service_.heads("/ann").size(), 3u);
    EXPECT_EQ(service_.heads("/ben").size(), 1u);
}

TEST_F(PushEngineTest, WhatIsForNowOrNeverIsTriedOnce) {
    start();
    service_.answer("/ann", {"503 Later"});
    subscribe("ann");
    push_to({{"ann"}}, 0);
    EXPECT_THAT(finished(1), HasSubstr("\"expired\":1"));
    ASSERT_EQ(service_.heads("/ann").size(), 1u);
    EXPECT_THAT(service_.heads("/ann")[0], HasSubstr("TTL: 0\r\n"));
}

TEST_F(PushEngineTest, ASubscriptionWhoseKeyWasForgottenIsRefused) {
    start();
    subscribe("ann");
    engine_->set_keys(push::VapidKeys::generate(random_));
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"refused\":1"));
    EXPECT_TRUE(service_.heads("/ann").empty());
}

TEST_F(PushEngineTest, WhatADeadProcessHadInFlightIsSentAgain) {
    start();
    subscribe("ann");
    engine_.reset();
    {
        const auto dead = open_store();
        const auto now = unix_ms_now();
        const store::NotificationRecord record{.author = "admin",
                                               .payload = "{}",
                                               .urgency = "high",
                                               .topic = "tea",
                                               .ttl_s = 60,
                                               .deadline_at = deadline_of(60, now)};
        ASSERT_TRUE(dead->enqueue(record, std::vector<std::string>{"ann"}, now));
        ASSERT_EQ(dead->take_due({}, now)->size(), 1u);
    }
    start();
    ASSERT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_THAT(service_.heads("/ann")[0], AllOf(HasSubstr("Urgency: high"), HasSubstr("Topic: tea")));
}

// Notifications of posts.

TEST_F(PushEngineTest, ThoseAwayAreNotifiedAtOnceAndThoseHereAreProbed) {
    start();
    for (const char* user : {"ann", "ben"})
        subscribe(user);
    const auto answer = post({"ann"}, {"ben"});
    EXPECT_EQ(answer.error, std::nullopt);
    EXPECT_EQ(answer.text, "the answer");
    EXPECT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_EQ(hubs_.probe("ben"), 1u);
    EXPECT_TRUE(service_.heads("/ben").empty());
}

TEST_F(PushEngineTest, WhoConfirmsIsNotNotified) {
    start();
    subscribe("ann");
    post({}, {"ann"});
    EXPECT_THAT(progress(1), HasSubstr("\"finished\":false"));
    engine_->receive({core::MessageArrived{hubs_.probe("ann"), user_id("ann")}});
    EXPECT_TRUE(is_forgotten(1));
    EXPECT_TRUE(service_.heads("/ann").empty());
}

TEST_F(PushEngineTest, WhoDoesNotConfirmInTimeIsNotified) {
    settings_.confirm_timeout = base::Millis(50);
    start();
    subscribe("ann");
    post({}, {"ann"});
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, NobodyIsAskedAboutAPostToWhomNothingCouldBePushed) {
    start();
    EXPECT_EQ(post({"ann"}, {"ben"}).text, "the answer");
    EXPECT_EQ(post({}, {}).text, "the answer");
    EXPECT_EQ(ask(core::TellPushProgress{next_asker(), 1}).error, ErrorReason::push_not_found);
}

TEST_F(PushEngineTest, WhoeverADeadProcessWaitedForIsNotified) {
    start();
    subscribe("ann");
    engine_.reset();
    {
        const auto dead = open_store();
        const auto now = unix_ms_now();
        const store::NotificationRecord record{.author = "author",
                                               .payload = "{}",
                                               .urgency = "normal",
                                               .topic = "",
                                               .ttl_s = 60,
                                               .deadline_at = deadline_of(60, now)};
        const std::vector<std::string> here{"ann"};
        ASSERT_TRUE(dead->enqueue_addressed(record, {}, here, now + kForever.count(), now));
    }
    start();
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, WhoHasNotConfirmedWhenItStopsIsNotifiedByTheNextOne) {
    start();
    for (const char* user : {"ann", "ben"})
        subscribe(user);
    post({}, {"ann", "ben"});
    engine_->receive({core::MessageArrived{hubs_.probe("ann"), user_id("ann")}});
    engine_.reset();
    start();
    EXPECT_TRUE(service_.was_asked("/ben", 1));
    EXPECT_TRUE(is_forgotten(1));
    EXPECT_TRUE(service_.heads("/ann").empty());
}

TEST_F(PushEngineTest, RefusesToWaitForMoreUsersThanItsLimit) {
    settings_.users_held_max = 1;
    start();
    for (const char* user : {"ann", "ben"})
        subscribe(user);
    const auto refused = post({}, {"ann", "ben"});
    EXPECT_EQ(refused.error, ErrorReason::notification_not_kept);
    EXPECT_THAT(refused.text, HasSubstr("too many users"));
    post({}, {"ann"});
    EXPECT_EQ(post({}, {"ben"}).error, ErrorReason::notification_not_kept);
    engine_->receive({core::MessageArrived{hubs_.probe("ann"), user_id("ann")}});
    EXPECT_EQ(post({}, {"ben"}).error, std::nullopt);
}

TEST_F(PushEngineTest, SaysWhyANotificationCouldNotBeWrittenDownAndGoesOnOnceItCan) {
    start();
    subscribe("ann");
    execute(
        "CREATE TRIGGER no_room BEFORE INSERT ON notifications "
        "BEGIN SELECT RAISE(ABORT, 'no room today'); END");
    const auto lost = post({"ann"}, {});
    EXPECT_EQ(lost.error, ErrorReason::notification_not_kept);
    EXPECT_THAT(lost.text, HasSubstr("the database has failed"));
    EXPECT_EQ(push_to({{"ann"}}).error, ErrorReason::unavailable);
    execute("DROP TRIGGER no_room");
    EXPECT_EQ(post({"ann"}, {}).error, std::nullopt);
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, HowADeliveryEndedIsWrittenDownOnceThatIsPossible) {
    start();
    subscribe("ann");
    execute("CREATE TRIGGER no_end BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'not now'); END");
    push_to({{"ann"}});
    ASSERT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_THAT(progress(1), HasSubstr("\"finished\":false"));
    execute("DROP TRIGGER no_end");
    EXPECT_THAT(finished(1), HasSubstr("\"delivered\":1"));
    EXPECT_EQ(service_.heads("/ann").size(), 1u);
}

// Its end.

TEST_F(PushEngineTest, AnswersWhatItWasAskedBeforeItStops) {
    start();
    std::vector<core::PushCommand> commands;
    for (int n = 0; n < 100; ++n)
        commands.emplace_back(core::KeepSubscription{next_asker(), user_id("ann"), subscription("/ann")});
    engine_->receive(std::move(commands));
    engine_->stop();
    engine_->stop();
    for (std::uint64_t id = 1; id <= 100; ++id)
        EXPECT_EQ(hubs_.answer(id).error, std::nullopt);
}

}  // namespace
}  // namespace pipit::net
