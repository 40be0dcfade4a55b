// Posts that are sent again, for nobody knows whether they took effect (PROTOCOL.md 2.4, "Once").

#include <utility>

#include "core/testing/hub_resume_fixture.hpp"

namespace pipit::core {
namespace {

class HubPostKeysTest : public HubResumeTest {
 protected:
    HubPostKeysTest() { settings_.push = true; }

    static std::string post(const std::string& to, const std::string& key, const std::string& more = {}) {
        return R"({"id":3,"op":"post","to":)" + to + R"(,"data":1,"key":")" + key + "\"" + more + "}";
    }
    static constexpr const char* kToGroup = R"({"group":"tea room"})";
    static constexpr const char* kToUser = R"({"user":"user-ann"})";
    static std::string to_cid(const Peer& peer) { return R"({"cid":")" + peer.cid + "\"}"; }
    static constexpr const char* kNotification = R"(,"notification":{"title":"Tea","body":"It is ready."})";

    /// The answer to the command, which must be the only thing that arrives at the peer besides events.
    std::string answer_to(Peer& peer, const std::string& command) {
        say(peer, command);
        return answer(peer);
    }
    static std::string answer(Peer& peer) {
        auto texts = peer.texts();
        std::erase_if(texts, [](const std::string& text) { return text.starts_with(R"({"ev")"); });
        return texts.size() == 1 ? texts[0] : std::to_string(texts.size()) + " answers";
    }
    static std::vector<std::string> messages_of(Peer& peer) {
        auto texts = peer.texts();
        std::erase_if(texts,
                      [](const std::string& text) { return text.find("\"data\"") == std::string::npos; });
        return texts;
    }
    /// What is wanted of whoever sends notifications, since this was asked last.
    std::vector<NotifyAddressed> notified() {
        std::vector<NotifyAddressed> notified;
        for (PushCommand& command : std::exchange(hub().effects().push, {}))
            notified.push_back(std::get<NotifyAddressed>(std::move(command)));
        return notified;
    }
    void finish(const NotifyAddressed& notify, std::optional<ErrorReason> error = std::nullopt) {
        turn([&] { hub().handle(Answer{notify.asker, error, error ? "" : notify.answer}); });
    }
};

TEST_F(HubPostKeysTest, SendsAPostToAGroupOnce) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    const std::string first = answer_to(bob, post(kToGroup, "k"));
    EXPECT_THAT(first, HasSubstr(R"("offset":2)"));
    EXPECT_THAT(messages_of(ann), SizeIs(1));
    EXPECT_EQ(answer_to(bob, post(kToGroup, "k")), first);
    EXPECT_THAT(messages_of(ann), IsEmpty());
    EXPECT_THAT(answer_to(bob, post(kToGroup, "l")), HasSubstr(R"("offset":3)"));
}

TEST_F(HubPostKeysTest, KnowsAPostAgainAfterAReconnect) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    const std::string first = answer_to(bob, post(kToGroup, "k")), cid = bob.cid;
    lose(bob);
    Peer& again = come_back("bob", cid);
    join(again, "tea room");
    ann.texts();
    EXPECT_EQ(answer_to(again, post(kToGroup, "k")), first);
    lose(again);
    pass(kGrace);
    EXPECT_EQ(answer_to(sign_in_to("tea room", "bob"), post(kToGroup, "k")), first);
    EXPECT_THAT(messages_of(ann), IsEmpty());
}

TEST_F(HubPostKeysTest, KnowsAPostAgainAlsoWhenItsSenderIsNotInTheGroup) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    const std::string first = answer_to(bob, post(kToGroup, "k")), cid = bob.cid;
    lose(bob);
    Peer& again = come_back("bob", cid);
    ASSERT_TRUE(resumed());
    EXPECT_EQ(answer_to(again, post(kToGroup, "k")), first) << "it has not joined again yet";
    join(again, "lounge");
    EXPECT_EQ(answer_to(again, post(kToGroup, "k")), first) << "it is elsewhere";
    EXPECT_EQ(answer_to(again, post(R"("tea room")", "k")), first);
    EXPECT_THAT(messages_of(ann), SizeIs(1));
    client_closes(ann, 1000);
    EXPECT_EQ(answer_to(again, post(kToGroup, "k")), first) << "nobody is there any more";
}

TEST_F(HubPostKeysTest, TellsWhoIsNotInTheGroupNothingOfOtherPosts) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    answer_to(ann, post(kToGroup, "k"));
    answer_to(bob, post(kToGroup, "l"));
    client_closes(bob, 1000);
    Peer& again = sign_in("bob");
    Peer& limited = sign_in("bob", token_of("bob", 3600, std::vector<std::string>{"lounge"}));
    ann.texts();
    const std::string refusal = error_reply(3, ErrorReason::not_joined);
    EXPECT_EQ(answer_to(again, post(kToGroup, "k")), refusal) << "the key of another user";
    EXPECT_EQ(answer_to(again, post(kToGroup, "m")), refusal) << "a post that the server does not know";
    EXPECT_EQ(answer_to(again, R"({"id":3,"op":"post","to":"tea room","data":1})"), refusal);
    EXPECT_EQ(answer_to(again, post(R"({"group":"lounge"})", "l")), refusal);
    EXPECT_EQ(answer_to(limited, post(kToGroup, "l")), refusal) << "a token that does not allow the group";
    EXPECT_THAT(messages_of(ann), IsEmpty());
}

TEST_F(HubPostKeysTest, TakesNoPostFromWhoHasNotJoinedAgainWithinTheGrace) {
    Peer& ann = sign_in_to("tea room", "ann");
    const std::string cid = sign_in_to("tea room", "bob").cid;
    Peer& again = come_back("bob", cid);
    ASSERT_TRUE(resumed());
    EXPECT_EQ(answer_to(again, post(kToGroup, "k")), error_reply(3, ErrorReason::not_joined));
    EXPECT_THAT(messages_of(ann), IsEmpty());
}

TEST_F(HubPostKeysTest, TellsTheKeysOfUsersAndRecipientsApart) {
    Peer& ann = sign_in_to("tea room", "user-ann");
    Peer& bob = sign_in_to("tea room", "bob");
    for (const std::string& to : {std::string(kToGroup), std::string(kToUser), to_cid(ann)}) {
        say(bob, post(to, "k"));
        say(ann, post(to, "k"));
    }
    sign_in_to("lounge", "bob");
    EXPECT_THAT(messages_of(ann), SizeIs(6));
}

TEST_F(HubPostKeysTest, SendsAPostToAUserOnceHereOrAway) {
    Peer& ann = sign_in("user-ann");
    Peer& bob = sign_in("bob");
    const std::string first = answer_to(bob, post(kToUser, "k"));
    EXPECT_EQ(answer_to(bob, post(kToUser, "k")), first);
    EXPECT_THAT(messages_of(ann), SizeIs(1));
    client_closes(ann, 1000);
    const std::string second = answer_to(bob, post(kToUser, "l"));
    EXPECT_THAT(second, HasSubstr(R"("offset":2)"));
    EXPECT_EQ(answer_to(bob, post(kToUser, "l")), second);
    EXPECT_EQ(answer_to(bob, post(kToUser, "k")), first);
}

TEST_F(HubPostKeysTest, SendsAPostToAUserOnceWhoCameBetweenItAndItsRepetition) {
    Peer& bob = sign_in("bob");
    const std::string first = answer_to(bob, post(kToUser, "k"));
    EXPECT_THAT(first, HasSubstr(R"("offset":1)"));
    Peer& ann = sign_in("user-ann");
    EXPECT_EQ(answer_to(bob, post(kToUser, "k")), first);
    EXPECT_THAT(messages_of(ann), IsEmpty());
}

TEST_F(HubPostKeysTest, SendsAPostToAConnectionOnceAlsoWhenItHasGoneSince) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    const std::string to = to_cid(ann);
    EXPECT_EQ(answer_to(bob, post(to, "k")), R"({"id":3,"ok":{}})");
    EXPECT_EQ(answer_to(bob, post(to, "k")), R"({"id":3,"ok":{}})");
    EXPECT_THAT(messages_of(ann), SizeIs(1));
    client_closes(ann, 1000);
    EXPECT_EQ(answer_to(bob, post(to, "k")), R"({"id":3,"ok":{}})");
    EXPECT_EQ(answer_to(bob, post(to, "l")), error_reply(3, ErrorReason::recipient_not_found));
}

TEST_F(HubPostKeysTest, ForgetsKeysAfterAWhile) {
    settings_.history.key_window = base::Millis(10'000);
    Peer& ann = sign_in_to("tea room", "user-ann");
    Peer& bob = sign_in_to("tea room", "bob");
    for (const std::string& to : {std::string(kToGroup), std::string(kToUser), to_cid(ann)}) {
        say(bob, post(to, "k"));
        now_ += base::Millis(9'999);
        say(bob, post(to, "k"));
        EXPECT_THAT(messages_of(ann), SizeIs(1)) << to;
        now_ += base::Millis(1);
        say(bob, post(to, "k"));
        EXPECT_THAT(messages_of(ann), SizeIs(1)) << to;
    }
}

TEST_F(HubPostKeysTest, SendsTwiceWhatHasNoKey) {
    Peer& ann = sign_in_to("tea room", "ann");
    const std::string command = R"({"id":3,"op":"post","to":"tea room","data":1})";
    say(ann, command);
    say(ann, command);
    EXPECT_THAT(messages_of(ann), SizeIs(2));
}

TEST_F(HubPostKeysTest, DoesNotRememberWhatWasRefused) {
    Peer& ann = sign_in_to("tea room", "ann");
    congested_ = {true};
    EXPECT_EQ(answer_to(ann, post(kToGroup, "k")), error_reply(3, ErrorReason::unavailable));
    congested_ = {};
    EXPECT_THAT(answer_to(ann, post(kToGroup, "k")), HasSubstr("offset"));
    EXPECT_THAT(messages_of(ann), IsEmpty());
}

// With notifications

TEST_F(HubPostKeysTest, NotifiesOnceAndSaysSoOnlyWhenItIsWrittenDown) {
    Peer& bob = sign_in_to("tea room", "bob");
    for (const std::string& to : {std::string(kToGroup), std::string(kToUser)}) {
        Peer& ann = sign_in_to("tea room", "user-ann");
        notified();
        bob.texts();
        say(bob, post(to, "k", kNotification));
        const auto wanted = notified();
        ASSERT_THAT(wanted, SizeIs(1));
        messages_of(bob);
        EXPECT_EQ(answer_to(bob, post(to, "k", kNotification)), error_reply(3, ErrorReason::unavailable));
        finish(wanted[0]);
        const std::string first = answer(bob);
        EXPECT_THAT(first, HasSubstr("offset"));
        EXPECT_EQ(answer_to(bob, post(to, "k", kNotification)), first);
        EXPECT_THAT(notified(), IsEmpty());
        EXPECT_THAT(messages_of(ann), SizeIs(1));
        client_closes(ann, 1000);
        bob.texts();
    }
}

TEST_F(HubPostKeysTest, SaysAgainThatANotificationWasNotKept) {
    Peer& bob = sign_in("bob");
    Peer& ann = sign_in("user-ann");
    say(bob, post(kToUser, "k", kNotification));
    finish(notified().at(0), ErrorReason::notification_not_kept);
    const std::string refusal = error_reply(3, ErrorReason::notification_not_kept);
    EXPECT_EQ(answer(bob), refusal);
    EXPECT_EQ(answer_to(bob, post(kToUser, "k", kNotification)), refusal);
    EXPECT_THAT(messages_of(ann), SizeIs(1));
}

TEST_F(HubPostKeysTest, NotifiesOnceWhoHasNotBeenHere) {
    Peer& bob = sign_in("bob");
    say(bob, post(kToUser, "k", kNotification));
    const auto wanted = notified();
    ASSERT_THAT(wanted, SizeIs(1));
    EXPECT_EQ(answer_to(bob, post(kToUser, "k", kNotification)), error_reply(3, ErrorReason::unavailable));
    finish(wanted[0]);
    const std::string first = answer(bob);
    EXPECT_THAT(first, HasSubstr(R"("offset":1)"));
    Peer& ann = sign_in("user-ann");
    EXPECT_EQ(answer_to(bob, post(kToUser, "k", kNotification)), first);
    EXPECT_THAT(notified(), IsEmpty());
    EXPECT_THAT(messages_of(ann), IsEmpty());
}

TEST_F(HubPostKeysTest, NotifiesOnceTheUserOfAConnection) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    say(bob, post(to_cid(ann), "k", kNotification));
    const auto wanted = notified();
    ASSERT_THAT(wanted, SizeIs(1));
    finish(wanted[0]);
    EXPECT_EQ(answer(bob), R"({"id":3,"ok":{}})");
    EXPECT_EQ(answer_to(bob, post(to_cid(ann), "k", kNotification)), R"({"id":3,"ok":{}})");
    EXPECT_THAT(notified(), IsEmpty());
}

}  // namespace
}  // namespace pipit::core
