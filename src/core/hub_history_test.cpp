// What a client that comes back has missed (PROTOCOL.md 2.14).

#include <utility>

#include "core/testing/hub_resume_fixture.hpp"

namespace pipit::core {
namespace {

class HubHistoryTest : public HubResumeTest {
 protected:
    static std::string position(const std::string& epoch, std::uint64_t offset) {
        return R"({"epoch":")" + epoch + R"(","offset":)" + std::to_string(offset) + "}";
    }
    static std::string join_since(const std::string& group, const std::string& since) {
        return R"({"id":2,"op":"join","group":")" + group + R"(","since":)" + since + "}";
    }
    static std::string post(const std::string& to, const std::string& data) {
        return R"({"id":3,"op":"post","to":)" + to + R"(,"data":)" + data + "}";
    }
    static std::string to_user(const std::string& user) { return R"({"user":")" + user + "\"}"; }
    /// A new connection of the user that has told how far it has the private messages.
    Peer& sign_in_since(const std::string& user, const std::string& since) {
        Peer& peer = open();
        say(peer, R"({"id":1,"op":"connect","token":")" + token_of(user) + R"(","since":)" + since + "}");
        return peer;
    }
    /// Of the private stream, as the welcome that has just arrived tells it.
    static std::string epoch_of(Peer& peer) {
        return text(peer.client.take_objects().at(0).at("ok").at("stream").as_object(), "epoch");
    }
    /// What has arrived, short: the answer to a join or a connect as its recovery, events by what they say.
    static std::vector<std::string> heard(Peer& peer) {
        std::vector<std::string> texts;
        for (const boost::json::object& object : peer.client.take_objects())
            texts.push_back(short_form(object));
        return texts;
    }
    static std::string short_form(const boost::json::object& object) {
        if (const boost::json::value* event = object.if_contains("ev")) {
            const std::string offset = object.contains("offset") ? number(object, "offset") + " " : "";
            return offset + (*event == "notice" ? text(object, "code") + " " + text(object, "user")
                                                : boost::json::serialize(object.at("data")));
        }
        if (!object.contains("ok")) return text(object.at("error").as_object(), "reason");
        const boost::json::object& ok = object.at("ok").as_object();
        const boost::json::object& stream = ok.contains("stream") ? ok.at("stream").as_object() : ok;
        if (!stream.contains("recovered")) return "at " + number(stream, "offset");
        if (stream.at("recovered").as_bool()) {
            return "recovered " + number(stream, "replayed") + " from " + number(stream, "offset") +
                   (stream.contains("more") ? ", more" : "");
        }
        return text(stream, "reason") + (stream.contains("missed") ? " " + number(stream, "missed") : "") +
               ", at " + number(stream, "offset");
    }
    static std::string text(const boost::json::object& object, std::string_view name) {
        return std::string(object.at(name).as_string());
    }
    static std::string number(const boost::json::object& object, std::string_view name) {
        return std::to_string(object.at(name).to_number<std::uint64_t>());
    }
};

// Groups

TEST_F(HubHistoryTest, SaysNothingOfRecoveryToWhoHasToldNoPosition) {
    sign_in_to("tea room", "ann");
    Peer& bob = sign_in("bob");
    say(bob, R"({"id":2,"op":"join","group":"tea room"})");
    EXPECT_THAT(heard(bob), ElementsAre("at 1"));
}

TEST_F(HubHistoryTest, ReplaysWhatWasMissedBeforeAnythingLive) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    const std::string had = position(bob.epoch, 1), bobs_cid = bob.cid;
    lose(bob);
    say(ann, post(R"("tea room")", "1") + "\n" + post(R"("tea room")", "2"));
    Peer& again = come_back("bob", bobs_cid);
    ASSERT_TRUE(resumed());
    say(again, join_since("tea room", had));
    EXPECT_THAT(heard(again), ElementsAre("recovered 2 from 1", "2 1", "3 2"));
    say(ann, post(R"("tea room")", "3"));
    EXPECT_THAT(heard(again), ElementsAre("4 3"));
}

TEST_F(HubHistoryTest, ReplaysTheSameTextsThatWereSent) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    sign_in_to("tea room", "carl");
    say(ann, post(R"("tea room")", R"({"a":  [1]})"));
    const auto live = bob.texts();
    ASSERT_EQ(live.size(), 2u);
    say(bob, join_since("tea room", position(bob.epoch, 1)));
    auto replayed = bob.texts();
    replayed.erase(replayed.begin());
    EXPECT_EQ(replayed, live);
}

TEST_F(HubHistoryTest, SaysThatNothingWasMissed) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, join_since("tea room", position(ann.epoch, 0)));
    EXPECT_THAT(heard(ann), ElementsAre("recovered 0 from 0"));
}

TEST_F(HubHistoryTest, ReplaysNoticesAlsoAboutWhoComesBack) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    const std::string had = position(bob.epoch, 1);
    lose(bob);
    pass(kGrace);
    EXPECT_THAT(heard(ann), ElementsAre("1 USER_JOINED bob", "2 USER_DISCONNECTED bob"));
    Peer& again = sign_in("bob");
    say(again, join_since("tea room", had));
    EXPECT_THAT(heard(again),
                ElementsAre("recovered 2 from 1", "2 USER_DISCONNECTED bob", "3 USER_JOINED bob"));
    EXPECT_THAT(heard(ann), ElementsAre("3 USER_JOINED bob"));
}

TEST_F(HubHistoryTest, KeepsTheStreamOfAGroupThatNobodyIsIn) {
    Peer& ann = sign_in_to("tea room", "ann");
    const std::string epoch = ann.epoch;
    say(ann, post(R"("tea room")", "1"));
    client_closes(ann, 1000);
    EXPECT_EQ(hub().group_count(), 0u);
    Peer& again = sign_in("ann");
    say(again, join_since("tea room", position(epoch, 0)));
    EXPECT_THAT(heard(again),
                ElementsAre("recovered 3 from 0", "1 1", "2 USER_DISCONNECTED ann", "3 USER_JOINED ann"));
}

TEST_F(HubHistoryTest, BeginsAnewWhenNobodyHasComeBackInTime) {
    Peer& ann = sign_in_to("tea room", "ann");
    const std::string had = position(ann.epoch, 0);
    client_closes(ann, 1000);
    pass(settings_.history.age_max);
    Peer& again = sign_in("ann");
    say(again, join_since("tea room", had));
    EXPECT_THAT(heard(again), ElementsAre("epoch, at 0"));
}

TEST_F(HubHistoryTest, TellsHowMuchWasMissedThatIsNotKept) {
    settings_.history.of_group.events_max = 2;
    Peer& ann = sign_in_to("tea room", "ann");
    for (int i = 0; i < 5; ++i)
        say(ann, post(R"("tea room")", "1"));
    Peer& bob = sign_in("bob");
    say(bob, join_since("tea room", position(ann.epoch, 2)));
    EXPECT_THAT(heard(bob), ElementsAre("window 4, at 6"));
    say(ann, post(R"("tea room")", "7"));
    EXPECT_THAT(heard(bob), ElementsAre("7 7"));
}

TEST_F(HubHistoryTest, TellsWhoComesFromAnotherEpochAllThatHasBeenSentInThisOne) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1"));
    Peer& bob = sign_in("bob");
    say(bob, join_since("tea room", position("of the server before", 7)));
    EXPECT_THAT(heard(bob), ElementsAre("epoch, at 0", "1 1", "2 USER_JOINED bob"));
    say(ann, post(R"("tea room")", "3"));
    EXPECT_THAT(heard(bob), ElementsAre("3 3"));
}

TEST_F(HubHistoryTest, TellsWhoComesFromAnotherEpochNothingByHalf) {
    settings_.history.of_group.events_max = 2;
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1") + "\n" + post(R"("tea room")", "2"));
    Peer& bob = sign_in("bob");
    say(bob, join_since("tea room", position("of the server before", 7)));
    EXPECT_THAT(heard(bob), ElementsAre("epoch, at 3"));
    say(ann, post(R"("tea room")", "4"));
    EXPECT_THAT(heard(bob), ElementsAre("4 4"));
}

TEST_F(HubHistoryTest, TellsWhoComesFromAnotherEpochNothingThatIsTooMuchAtOnce) {
    settings_.page_bytes_max = 200;
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1") + "\n" + post(R"("tea room")", "2"));
    Peer& bob = sign_in("bob");
    say(bob, join_since("tea room", position("of the server before", 7)));
    EXPECT_THAT(heard(bob), ElementsAre("epoch, at 3"));
}

TEST_F(HubHistoryTest, TellsWhoComesFromAnotherEpochAndHasMuchToReadOnlyWhereItIs) {
    settings_.page_bytes_max = 2'000;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("lounge", "bob");
    bob.client.bytes_per_flush = 0;
    say(bob, post(R"("lounge")", "\"" + std::string(2'200, 'x') + "\""));
    say(ann, post(R"("tea room")", "1"));
    say(bob, join_since("tea room", position("of the server before", 7)));
    say(ann, post(R"("tea room")", "3"));
    bob.client.bytes_per_flush = SIZE_MAX;
    bob.client.take(SIZE_MAX);
    auto texts = heard(bob);
    ASSERT_GE(texts.size(), 2u);
    EXPECT_EQ(texts[texts.size() - 2], "epoch, at 2");
    EXPECT_EQ(texts.back(), "3 3");
}

TEST_F(HubHistoryTest, ReplaysPageByPageAndNothingLiveInBetween) {
    settings_.page_bytes_max = 1;
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", R"("one")") + "\n" + post(R"("tea room")", R"("two")"));
    Peer& bob = sign_in("bob");
    say(bob, join_since("tea room", position(ann.epoch, 0)));
    EXPECT_THAT(heard(bob), ElementsAre("recovered 1 from 0, more", "1 \"one\""));
    say(ann, post(R"("tea room")", R"("four")"));
    EXPECT_THAT(heard(bob), IsEmpty());
    say(bob, join_since("tea room", position(ann.epoch, 1)));
    EXPECT_THAT(heard(bob), ElementsAre("recovered 1 from 1, more", "2 \"two\""));
    say(bob, join_since("tea room", position(ann.epoch, 2)));
    EXPECT_THAT(heard(bob), ElementsAre("recovered 1 from 2, more", "3 USER_JOINED bob"));
    say(bob, join_since("tea room", position(ann.epoch, 3)));
    EXPECT_THAT(heard(bob), ElementsAre("recovered 1 from 3", "4 \"four\""));
    say(ann, post(R"("tea room")", R"("five")"));
    EXPECT_THAT(heard(bob), ElementsAre("5 \"five\""));
}

TEST_F(HubHistoryTest, LetsAMemberPostThatHasNotGotAllYet) {
    settings_.page_bytes_max = 1;
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1") + "\n" + post(R"("tea room")", "2"));
    Peer& bob = sign_in("bob");
    say(bob, join_since("tea room", position(ann.epoch, 0)));
    heard(bob);
    heard(ann);
    say(bob, post(R"("tea room")", "4"));
    EXPECT_THAT(heard(bob), ElementsAre("at 4"));
    EXPECT_THAT(heard(ann), ElementsAre("4 4"));
}

TEST_F(HubHistoryTest, ReplaysNothingToWhoHasMuchToReadAndLetsItAskAgain) {
    settings_.page_bytes_max = 2'000;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    bob.client.bytes_per_flush = 0;
    const std::string long_text = "\"" + std::string(1'200, 'x') + "\"";
    say(ann, post(R"("tea room")", long_text));
    say(ann, post(R"("tea room")", long_text));
    say(bob, join_since("tea room", position(bob.epoch, 1)));
    bob.client.bytes_per_flush = SIZE_MAX;
    bob.client.take(SIZE_MAX);
    auto texts = heard(bob);
    EXPECT_THAT(texts.back(), "recovered 0 from 1, more");
    say(bob, join_since("tea room", position(bob.epoch, 1)));
    EXPECT_THAT(heard(bob), ElementsAre("recovered 1 from 1, more", "2 " + long_text));
}

TEST_F(HubHistoryTest, ReplaysCompressedToWhoTakesThat) {
    settings_.encoder.deflate_message_bytes_min = 100;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob", true);
    say(ann, post(R"("tea room")", "\"" + std::string(300, 'x') + "\""));
    const auto live = bob.texts();
    bob.client.bytes_per_flush = 0;
    say(bob, join_since("tea room", position(bob.epoch, 1)));
    EXPECT_LT(bob.client.outbox.bytes(), 300u);
    bob.client.take(SIZE_MAX);
    EXPECT_EQ(bob.texts().back(), live.back());
}

// Private messages

TEST_F(HubHistoryTest, WelcomesWithThePositionOfThePrivateStream) {
    Peer& ann = sign_in("user-ann");
    Peer& bob = sign_in("bob");
    say(bob, post(to_user("user-ann"), "1"));
    heard(ann);
    Peer& other = open();
    say(other, connect(token_of("user-ann")));
    EXPECT_THAT(heard(other), ElementsAre("at 1"));
}

TEST_F(HubHistoryTest, ReplaysPrivateMessagesToWhoWasAway) {
    Peer& bob = sign_in("bob");
    Peer& first = open();
    say(first, connect(token_of("user-ann")));
    const std::string epoch = epoch_of(first);
    client_closes(first, 1000);
    EXPECT_EQ(hub().user_count(), 1u);
    say(bob, post(to_user("user-ann"), "1") + "\n" + post(to_user("user-ann"), "2"));
    EXPECT_THAT(heard(bob), ElementsAre("at 1", "at 2"));
    Peer& again = sign_in_since("user-ann", position(epoch, 0));
    EXPECT_THAT(heard(again), ElementsAre("recovered 2 from 0", "1 1", "2 2"));
    say(bob, post(to_user("user-ann"), "3"));
    EXPECT_THAT(heard(again), ElementsAre("3 3"));
}

TEST_F(HubHistoryTest, TellsThatPrivateMessagesAreNotKeptAnyMore) {
    settings_.history.of_user.events_max = 1;
    Peer& bob = sign_in("bob");
    Peer& first = open();
    say(first, connect(token_of("user-ann")));
    const std::string epoch = epoch_of(first);
    say(bob, post(to_user("user-ann"), "1") + "\n" + post(to_user("user-ann"), "2"));
    EXPECT_THAT(heard(sign_in_since("user-ann", position(epoch, 0))), ElementsAre("window 2, at 2"));
    EXPECT_THAT(heard(sign_in_since("user-ann", position(epoch, 1))),
                ElementsAre("recovered 1 from 1", "2 2"));
    EXPECT_THAT(heard(sign_in_since("user-ann", position("elsewhere", 1))), ElementsAre("epoch, at 2"));
}

TEST_F(HubHistoryTest, ForgetsUsersWhoStayAway) {
    client_closes(sign_in("user-ann"), 1000);
    pass(settings_.history.age_max - base::Millis(1));
    EXPECT_GT(hub().history_bytes(), 0u);
    pass(base::Millis(1));
    EXPECT_EQ(hub().history_bytes(), 0u);
}

TEST_F(HubHistoryTest, KeepsTheStreamOfAUserWhoIsAwayForAsLongAfterTheLastMessage) {
    const base::Millis age_max = settings_.history.age_max;
    Peer& bob = sign_in("bob");
    Peer& ann = open();
    say(ann, connect(token_of("user-ann")));
    const std::string epoch = epoch_of(ann);
    client_closes(ann, 1000);
    for (int i = 1; i <= 2; ++i) {
        now_ += age_max - base::Millis(1);
        say(bob, post(to_user("user-ann"), std::to_string(i)));
        pass(base::Millis(0));
    }
    EXPECT_THAT(heard(sign_in_since("user-ann", position(epoch, 1))),
                ElementsAre("recovered 1 from 1", "2 2"));
    EXPECT_THAT(heard(sign_in_since("user-ann", position(epoch, 0))),
                ElementsAre("recovered 2 from 0", "1 1", "2 2"));
}

TEST_F(HubHistoryTest, TellsWhoIsBackWithinTheGraceHowMuchWasMissedThoughNothingIsKept) {
    keep_nothing();
    Peer& bob = sign_in("bob");
    Peer& ann = open();
    say(ann, connect(token_of("user-ann")));
    const std::string epoch = epoch_of(ann);
    lose(ann);
    say(bob, post(to_user("user-ann"), "1"));
    EXPECT_THAT(heard(bob), ElementsAre("at 1"));
    pass(kGrace - base::Millis(1));
    EXPECT_THAT(heard(sign_in_since("user-ann", position(epoch, 0))), ElementsAre("window 1, at 1"));
}

TEST_F(HubHistoryTest, KeepsWhatIsSentToAUserWhoHasNotBeenHere) {
    Peer& bob = sign_in("bob");
    say(bob, post(to_user("user-ann"), "1") + "\n" + post(to_user("user-ann"), "2"));
    EXPECT_THAT(heard(bob), ElementsAre("at 1", "at 2"));
    EXPECT_EQ(hub().user_count(), 1u);
    Peer& ann = sign_in_since("user-ann", position("of the server before", 7));
    EXPECT_THAT(heard(ann), ElementsAre("epoch, at 0", "1 1", "2 2"));
    say(bob, post(to_user("user-ann"), "3"));
    EXPECT_THAT(heard(ann), ElementsAre("3 3"));
    Peer& new_page = open();
    say(new_page, connect(token_of("user-ann")));
    EXPECT_THAT(heard(new_page), ElementsAre("at 3"));
}

TEST_F(HubHistoryTest, GivesNoPlaceToWhatNobodyIsThereForWhenNothingMayBeKept) {
    keep_nothing();
    Peer& bob = sign_in("bob");
    say(bob, post(to_user("user-ann"), "1"));
    EXPECT_THAT(bob.texts(), ElementsAre(R"({"id":3,"ok":{}})"));
    EXPECT_EQ(hub().history_bytes(), 0u);
}

// The command

TEST_F(HubHistoryTest, ListsMessagesPageByPage) {
    Peer& ann = sign_in_to("tea room", "ann");
    for (int i = 1; i <= 3; ++i) {
        say(ann, post(R"("tea room")", std::to_string(i)));
        sign_in_to("tea room", "guest " + std::to_string(i));
        now_ += base::Millis(100);
    }
    ann.texts();
    say(ann, R"({"id":5,"op":"history","limit":2})");
    const auto row = [&](int offset, int data, int age_ms) {
        return R"({"offset":)" + std::to_string(offset) + R"(,"user":"ann","cid":")" + ann.cid +
               R"(","data":)" + std::to_string(data) + R"(,"age_ms":)" + std::to_string(age_ms) + "}";
    };
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":5,"ok":{"list":[)" + row(3, 2, 200) + "," + row(5, 3, 100) +
                                         R"(],"epoch":")" + ann.epoch + R"(","startKey":)" +
                                         position(ann.epoch, 3) + "}}"));
    say(ann,
        R"({"id":5,"op":"history","group":"tea room","limit":2,"before":)" + position(ann.epoch, 3) + "}");
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":5,"ok":{"list":[)" + row(1, 1, 300) + R"(],"epoch":")" +
                                         ann.epoch + R"(","startKey":"end"}})"));
}

TEST_F(HubHistoryTest, ListsNothingBeforeAPositionThatIsNone) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1"));
    ann.texts();
    const std::string none = R"({"id":5,"ok":{"list":[],"epoch":")" + ann.epoch + R"(","startKey":"end"}})";
    for (const std::string& before :
         {position("elsewhere", 9), position(ann.epoch, 1), position(ann.epoch, 0)}) {
        say(ann, R"({"id":5,"op":"history","before":)" + before + "}");
        EXPECT_THAT(ann.texts(), ElementsAre(none)) << before;
    }
    say(ann, R"({"id":5,"op":"history","before":)" + position(ann.epoch, 9'007'199'254'740'991) + "}");
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("offset":1)")));
}

TEST_F(HubHistoryTest, ListsAtLeastOneMessageHoweverLong) {
    settings_.page_bytes_max = 1;
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1") + "\n" + post(R"("tea room")", "2"));
    ann.texts();
    // Its own outbox must be empty enough for a page; it is.
    say(ann, R"({"id":5,"op":"history"})");
    EXPECT_THAT(ann.texts(), ElementsAre(testing::AllOf(HasSubstr(R"("list":[{"offset":2)"),
                                                        HasSubstr(position(ann.epoch, 2)))));
}

TEST_F(HubHistoryTest, ListsForUsersWithAConnectionInTheGroupOnly) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& other = sign_in("ann");
    Peer& bob = sign_in("bob");
    const std::string ask = R"({"id":5,"op":"history","group":"tea room"})";
    say(bob, ask);
    EXPECT_THAT(heard(bob), ElementsAre("not_joined"));
    say(bob, R"({"id":5,"op":"history"})");
    EXPECT_THAT(heard(bob), ElementsAre("no_group"));
    say(bob, R"({"id":5,"op":"history","group":"nowhere"})");
    EXPECT_THAT(heard(bob), ElementsAre("not_joined"));
    say(other, ask);
    EXPECT_THAT(other.texts(), ElementsAre(HasSubstr(R"("list":[])")));
    say(ann, R"({"id":4,"op":"leave"})");
    say(other, ask);
    EXPECT_THAT(heard(other), ElementsAre("not_joined"));
}

TEST_F(HubHistoryTest, ListsForWhoseTokenAllowsTheGroupOrWhoIsInIt) {
    using Groups = std::vector<std::string>;
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1"));
    ann.texts();
    const std::string ask = R"({"id":5,"op":"history","group":"tea room"})";
    Peer& elsewhere = sign_in("ann", token_of("ann", 3600, Groups{"public"}));
    say(elsewhere, ask);
    EXPECT_THAT(elsewhere.texts(), ElementsAre(error_reply(5, ErrorReason::not_permitted)));
    const auto answer_over_http = [&](const std::string& token) {
        turn([&] { hub().ask(1, token, ask); });
        return std::exchange(hub().effects().answers, {}).at(0).error;
    };
    EXPECT_EQ(answer_over_http(token_of("ann", 3600, Groups{"public"})), ErrorReason::not_permitted);
    EXPECT_EQ(answer_over_http(token_of("ann", 3600, Groups{"tea*"})), std::nullopt);
    EXPECT_EQ(answer_over_http(token_of("ann", 3600, Groups{}, true)), std::nullopt) << "an admin";
    // The group that a connection is in is kept when its token is renewed.
    say(ann, R"({"id":9,"op":"refresh","token":")" + token_of("ann", 3600, Groups{"public"}) + "\"}");
    say(ann, ask);
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr("token_expires_in_ms"), HasSubstr(R"("list":[{)")));
}

TEST_F(HubHistoryTest, ListsForWhoAsksWithoutAConnection) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("tea room")", "1"));
    const auto ask = [&](const std::string& user) {
        turn([&] { hub().ask(1, token_of(user), R"({"id":1,"op":"history","group":"tea room"})"); });
        return std::exchange(hub().effects().answers, {}).at(0);
    };
    EXPECT_THAT(ask("ann").json, HasSubstr(R"("list":[{"offset":1)"));
    EXPECT_EQ(ask("bob").error, ErrorReason::not_joined);
}

}  // namespace
}  // namespace pipit::core
