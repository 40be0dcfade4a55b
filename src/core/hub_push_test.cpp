#include <utility>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

const std::string kTea = R"({"title":"Tea","body":"It is ready."})";
const std::string kTeaForAll = R"({"title":"Tea","body":"It is ready.","config":{"always":true}})";

class HubPushTest : public HubTest {
 protected:
    HubPushTest() {
        settings_.push = true;
        settings_.ping_interval = base::Millis(600'000);
    }

    static std::string post(const std::string& to, const std::string& notification = kTea) {
        return R"({"id":3,"op":"post","to":)" + to + R"(,"data":1,"notification":)" + notification + "}";
    }
    static std::string to_user(const std::string& user) { return R"({"user":")" + user + "\"}"; }

    /// What is wanted of whoever sends notifications, since this was asked last.
    std::vector<PushCommand> wanted() { return std::exchange(hub().effects().push, {}); }
    template <class Command>
    Command only_wanted() {
        std::vector<PushCommand> commands = wanted();
        EXPECT_EQ(commands.size(), 1u);
        if (commands.size() != 1 || !std::holds_alternative<Command>(commands[0])) {
            ADD_FAILURE() << "another command";
            return Command{};
        }
        return std::get<Command>(std::move(commands[0]));
    }
    static std::vector<std::string> names(const std::vector<UserId>& users) {
        std::vector<std::string> names;
        for (const UserId& user : users)
            names.push_back(*user);
        return names;
    }
    void probe(std::uint64_t notification, const std::string& user) {
        turn([&] { hub().handle(ProbeUsers{notification, {std::make_shared<const std::string>(user)}}); });
    }
    /// For which notifications it is known that a user has got the message.
    std::vector<std::pair<std::uint64_t, std::string>> arrived() {
        std::vector<std::pair<std::uint64_t, std::string>> arrived;
        for (const PushCommand& command : wanted()) {
            const auto& message = std::get<MessageArrived>(command);
            arrived.emplace_back(message.notification, *message.user);
        }
        return arrived;
    }
    static std::vector<std::string> texts_of(Peer& peer) {
        auto texts = peer.texts();
        std::erase_if(texts, [](const std::string& text) { return text.starts_with(R"({"ev":"notice")"); });
        return texts;
    }
};

// What is refused

TEST_F(HubPushTest, RefusesEverythingAboutNotificationsWhenItHasNone) {
    settings_.push = false;
    Peer& ann = sign_in_to("tea room", "user-ann");
    for (const std::string& command :
         {post(R"("tea room")"), std::string(R"({"id":3,"op":"vapid"})"),
          R"({"id":3,"op":"push","everyone":true,"notification":)" + kTea + "}",
          std::string(R"({"id":3,"op":"pushed","push":"1"})"),
          std::string(R"({"id":3,"op":"unsubscribe","endpoint":"https://a.example/b"})")}) {
        say(ann, command);
        EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::push_disabled))) << command;
    }
    EXPECT_THAT(wanted(), IsEmpty());
}

TEST_F(HubPushTest, RefusesWhileTooMuchWaitsAndSendsThePostToNobody) {
    Peer& ann = sign_in_to("tea room", "user-ann");
    push_congested_ = true;
    say(ann, post(R"("tea room")"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::push_queue_full)));
    push_congested_ = false;
    say(ann, post(R"("tea room")"));
    EXPECT_EQ(ann.texts().size(), 2u);  // nobody else is there, so it is answered at once
}

TEST_F(HubPushTest, LetsAdminsPushAndNobodyElse) {
    const std::string push = R"({"id":3,"op":"push","users":["user-bob"],"notification":)" + kTea + "}";
    const std::string pushed = R"({"id":3,"op":"pushed","push":"417"})";
    Peer& ann = sign_in("user-ann");
    for (const std::string& command : {push, pushed}) {
        say(ann, command);
        EXPECT_THAT(ann.texts(),
                    ElementsAre(error_reply(3, ErrorReason::not_permitted, "Only admins may do this.")));
    }
    EXPECT_THAT(wanted(), IsEmpty());

    Peer& root = sign_in("user-root", admin_token_of("user-root"));
    say(root, push);
    const auto command = only_wanted<PushToUsers>();
    EXPECT_EQ(*command.author, "user-root");
    EXPECT_THAT(*command.what.users, ElementsAre("user-bob"));
    EXPECT_EQ(command.what.notification.payload, kTea);
    say(root, pushed);
    EXPECT_EQ(only_wanted<TellPushProgress>().notification, 417u);
}

TEST_F(HubPushTest, RefusesMoreUsersThanOneNotificationMayHave) {
    settings_.users_per_notification_max = 2;
    Peer& root = sign_in("user-root", admin_token_of("user-root"));
    say(root, R"({"id":3,"op":"push","users":["a","b","c"],"notification":)" + kTea + "}");
    EXPECT_THAT(root.texts(), ElementsAre(error_reply(3, ErrorReason::invalid_parameter,
                                                      "\"users\" must have at most 2 users.")));
    Peer& ann = sign_in_to("tea room", "user-ann");
    for (const char* user : {"user-bob", "user-carl", "user-dora"})
        sign_in_to("tea room", user);
    ann.texts();
    say(ann, post(R"("tea room")"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(
                                 3, ErrorReason::invalid_parameter,
                                 "A notification may address at most 2 users, and the group has more.")));
    EXPECT_THAT(wanted(), IsEmpty());
}

TEST_F(HubPushTest, CountsANotificationAsTenCommands) {
    settings_.rate = {.per_second = 1, .burst = 12};
    Peer& ann = sign_in("user-ann");  // one of the twelve
    say(ann, post(to_user("user-bob")));
    say(ann, R"({"id":4,"op":"leave"})");
    say(ann, R"({"id":5,"op":"leave"})");
    const auto replies = ann.client.take_objects();
    ASSERT_EQ(replies.size(), 2u);
    EXPECT_TRUE(replies[0].contains("ok"));
    EXPECT_EQ(replies[1].at("error").at("reason"), "rate_limited");
}

// Subscriptions

TEST_F(HubPushTest, HandsSubscriptionsOnWithTheirUser) {
    Peer& ann = sign_in("user-ann");
    say(ann,
        R"({"id":3,"op":"subscribe","endpoint":"https://p/1","keys":{"p256dh":"P","auth":"A"},"vapid":"V"})");
    const auto kept = only_wanted<KeepSubscription>();
    EXPECT_EQ(*kept.user, "user-ann");
    EXPECT_EQ(kept.asker.session, ann.session->address);
    EXPECT_EQ(kept.asker.id, 3u);
    EXPECT_EQ(kept.what.endpoint, "https://p/1");
    EXPECT_EQ(kept.what.p256dh, "P");
    EXPECT_EQ(kept.what.auth, "A");
    EXPECT_EQ(kept.what.vapid, "V");
    say(ann, R"({"id":4,"op":"unsubscribe","endpoint":"https://p/1"})");
    const auto dropped = only_wanted<DropSubscription>();
    EXPECT_EQ(*dropped.user, "user-ann");
    EXPECT_EQ(dropped.what.endpoint, "https://p/1");
    EXPECT_THAT(ann.texts(), IsEmpty());

    turn([&] { hub().handle(Answer{kept.asker, std::nullopt, R"({"message":"done"})"}); });
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":3,"ok":{"message":"done"}})"));
}

TEST_F(HubPushTest, LetsQuestionsWithoutASessionAskTheSame) {
    turn([&] { hub().ask(5, token_of("user-ann"), R"({"id":1,"op":"vapid"})"); });
    const auto asked = only_wanted<TellVapidKey>();
    EXPECT_FALSE(asked.asker.session);
    EXPECT_EQ(asked.asker.id, 5u);
    turn([&] { hub().handle(Answer{asked.asker, std::nullopt, "{}"}); });
    const auto answers = std::exchange(hub().effects().answers, {});
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].id, 5u);
    EXPECT_FALSE(answers[0].error);
}

TEST_F(HubPushTest, LetsNobodyDoMoreThanResubscribeWithoutAToken) {
    const std::string resubscribe =
        R"({"id":1,"op":"resubscribe","old":{"endpoint":"https://p/1","auth":"A"},)"
        R"("endpoint":"https://p/2","keys":{"p256dh":"P","auth":"B"}})";
    turn([&] { hub().ask_unsigned(6, resubscribe); });
    const auto replaced = only_wanted<ReplaceSubscription>();
    EXPECT_EQ(replaced.asker.id, 6u);
    EXPECT_EQ(replaced.what.old_endpoint, "https://p/1");
    EXPECT_EQ(replaced.what.old_auth, "A");
    EXPECT_EQ(replaced.what.subscription.endpoint, "https://p/2");

    const std::vector<std::pair<std::string, ErrorReason>> refused{
        {R"({"id":1,"op":"subscribe","endpoint":"https://p/1","keys":{"p256dh":"P","auth":"A"}})",
         ErrorReason::not_signed_in},
        {R"({"id":1,"op":"groups"})", ErrorReason::not_signed_in},
        {R"({"id":1,"op":"resubscribe"})", ErrorReason::invalid_parameter},
        {"gibberish", ErrorReason::bad_message}};
    for (const auto& [command, reason] : refused) {
        turn([&, &text = command] { hub().ask_unsigned(7, text); });
        const auto answers = std::exchange(hub().effects().answers, {});
        ASSERT_EQ(answers.size(), 1u) << command;
        EXPECT_EQ(answers[0].error, reason) << command;
    }
    EXPECT_THAT(wanted(), IsEmpty());
}

// Whom the notification of a post is for

TEST_F(HubPushTest, NotifiesAUserWithoutAConnectionAndLeavesTheAnswerToWhoeverWritesItDown) {
    Peer& ann = sign_in("user-ann");
    say(ann, post(to_user("user-bob"), R"({"title":"Tea","body":"It is ready.","config":{"ttl":60}})"));
    EXPECT_THAT(ann.texts(), IsEmpty());
    const auto notify = only_wanted<NotifyAddressed>();
    EXPECT_THAT(names(notify.away), ElementsAre("user-bob"));
    EXPECT_THAT(names(notify.here), IsEmpty());
    EXPECT_EQ(*notify.author, "user-ann");
    EXPECT_EQ(notify.notification.payload, kTea);
    EXPECT_EQ(notify.notification.delivery.ttl_s, 60);
    EXPECT_THAT(notify.answer, HasSubstr(R"("offset":1)"));
    turn([&] { hub().handle(Answer{notify.asker, std::nullopt, notify.answer}); });
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":3,"ok":)" + notify.answer + "}"));
}

TEST_F(HubPushTest, SendsTheMessageAtOnceToAUserWhoIsThereAndAsksAboutThat) {
    Peer& ann = sign_in("user-ann");
    Peer& bob = sign_in("user-bob");
    say(ann, post(to_user("user-bob")));
    EXPECT_EQ(bob.texts().size(), 1u);
    const auto notify = only_wanted<NotifyAddressed>();
    EXPECT_THAT(names(notify.away), IsEmpty());
    EXPECT_THAT(names(notify.here), ElementsAre("user-bob"));
    turn([&] { hub().handle(Answer{notify.asker, std::nullopt, notify.answer}); });
    const auto replies = ann.client.take_objects();
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].at("ok").at("offset"), 1);
    EXPECT_TRUE(replies[0].at("ok").as_object().contains("epoch"));
}

TEST_F(HubPushTest, AlwaysNotifiesWhenItSaysSo) {
    Peer& ann = sign_in("user-ann");
    sign_in("user-bob");
    say(ann, post(to_user("user-bob"), kTeaForAll));
    const auto notify = only_wanted<NotifyAddressed>();
    EXPECT_THAT(names(notify.away), ElementsAre("user-bob"));
    EXPECT_THAT(names(notify.here), IsEmpty());
}

TEST_F(HubPushTest, AddressesInAGroupEachUserOnceAndNotTheSender) {
    settings_.grace = base::Millis(3'000);
    Peer& ann = sign_in_to("tea room", "user-ann");
    sign_in_to("tea room", "user-ann");
    sign_in_to("tea room", "user-bob");
    sign_in_to("tea room", "user-bob");
    lose(sign_in_to("tea room", "user-carl"));
    sign_in("user-dora");
    say(ann, post(R"("tea room")"));
    auto notify = only_wanted<NotifyAddressed>();
    EXPECT_THAT(names(notify.here), ElementsAre("user-bob"));
    EXPECT_THAT(names(notify.away),
                ElementsAre("user-carl"));  // has its place for a while, but no connection

    say(ann, post(R"("tea room")", kTeaForAll));
    notify = only_wanted<NotifyAddressed>();
    EXPECT_THAT(names(notify.here), IsEmpty());
    EXPECT_THAT(names(notify.away), UnorderedElementsAre("user-bob", "user-carl"));
}

TEST_F(HubPushTest, AddressesTheUserOfAConnection) {
    Peer& ann = sign_in("user-ann");
    Peer& bob = sign_in("user-bob");
    say(ann, post(R"({"cid":")" + bob.cid + "\"}"));
    const auto notify = only_wanted<NotifyAddressed>();
    EXPECT_THAT(names(notify.here), ElementsAre("user-bob"));
    EXPECT_EQ(notify.answer, "{}");
    lose(bob);
    say(ann, post(R"({"cid":")" + bob.cid + "\"}"));
    EXPECT_THAT(texts_of(ann), ElementsAre(error_reply(3, ErrorReason::recipient_not_found)));
    EXPECT_THAT(wanted(), IsEmpty());
}

TEST_F(HubPushTest, NotifiesNobodyOfAPostThatIsRefused) {
    Peer& ann = sign_in("user-ann");
    say(ann, post(R"({"group":"tea room"})"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
    sign_in("user-bob");
    congested_ = {true};
    say(ann, post(to_user("user-bob")));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::unavailable)));
    EXPECT_THAT(wanted(), IsEmpty());
}

// Whether the message has arrived

TEST_F(HubPushTest, HasArrivedWhenAnyConnectionOfTheUserAnswersTheHeartbeatBehindIt) {
    Peer& phone = sign_in("user-bob");
    Peer& laptop = sign_in("user-bob");
    probe(41, "user-bob");
    EXPECT_THAT(phone.texts(), ElementsAre("{}"));
    EXPECT_THAT(laptop.texts(), ElementsAre("{}"));
    EXPECT_THAT(arrived(), IsEmpty());
    say(laptop, "{}");
    EXPECT_THAT(arrived(), ElementsAre(std::pair{41u, "user-bob"}));
}

TEST_F(HubPushTest, HasNotArrivedForAnySignOfLifeButThatAnswer) {
    Peer& bob = sign_in("user-bob");
    say(bob, "{}");  // answers nothing
    probe(41, "user-bob");
    say(bob, R"({"id":4,"op":"leave"})");
    turn([&] { hub().heard(*bob.session); });
    EXPECT_THAT(arrived(), IsEmpty());
    say(bob, "{}");
    EXPECT_EQ(arrived().size(), 1u);
}

TEST_F(HubPushTest, TakesTheAnswerToAnEarlierHeartbeatForNoMoreThanThat) {
    settings_.ping_interval = base::Millis(1'000);
    Peer& bob = sign_in("user-bob");
    pass(base::Millis(1'000));
    EXPECT_THAT(bob.texts(), ElementsAre("{}"));
    probe(41, "user-bob");
    say(bob, "{}");
    EXPECT_THAT(arrived(), IsEmpty());
    say(bob, "{}");
    EXPECT_THAT(arrived(), ElementsAre(std::pair{41u, "user-bob"}));
}

TEST_F(HubPushTest, NeverArrivesAtAConnectionThatIsLostOrNotReady) {
    Peer& bob = sign_in("user-bob");
    probe(41, "user-bob");
    lose(bob);
    open();
    probe(42, "user-bob");
    probe(43, "user-nobody");
    EXPECT_THAT(arrived(), IsEmpty());
}

TEST_F(HubPushTest, WaitsForNoMoreThanSomeAnswersOfOneConnection) {
    Peer& bob = sign_in("user-bob");
    for (std::uint64_t i = 0; i < 300; ++i)
        probe(i, "user-bob");
    EXPECT_EQ(bob.texts().size(), Arrivals::kWaitingMax);
    for (int i = 0; i < 300; ++i)
        say(bob, "{}");
    EXPECT_EQ(arrived().size(), Arrivals::kWaitingMax);
    probe(1'000, "user-bob");
    say(bob, "{}");
    EXPECT_THAT(arrived(), ElementsAre(std::pair{1'000u, "user-bob"}));
}

TEST_F(HubPushTest, BelievesNoAnswersOfAClientThatHasNotAnsweredForTooLong) {
    settings_.ping_interval = base::Millis(1'000);
    Peer& bob = sign_in("user-bob", token_of("user-bob", 100'000));
    for (int i = 0; i < 300; ++i) {
        pass(base::Millis(1'000));
        say(bob, R"({"id":4,"op":"leave"})");
    }
    ASSERT_FALSE(bob.closing);
    probe(41, "user-bob");
    for (int i = 0; i < 400; ++i)
        say(bob, "{}");
    EXPECT_THAT(arrived(), IsEmpty());
}

}  // namespace
}  // namespace pipit::core
