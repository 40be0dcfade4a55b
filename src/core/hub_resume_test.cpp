// Who goes on as a connection that was lost, and what others hear of it: nothing.

#include "core/testing/hub_resume_fixture.hpp"

namespace pipit::core {
namespace {

const std::string kRejoin = R"({"id":2,"op":"join","group":"tea room"})";

TEST_F(HubResumeTest, BeginsAnewForWhoNamesNothingThatItCouldGoOnAs) {
    for (const std::string cid : {"gibberish", "cid:9fK2Zr0aQw_XcV1B"}) {
        Peer& ann = come_back("ann", cid);
        EXPECT_FALSE(resumed()) << cid;
        EXPECT_EQ(ann.cid.size(), 20u);
        EXPECT_NE(ann.cid, cid);
    }
}

TEST_F(HubResumeTest, NeverGoesOnAsAConnectionOfAnotherUser) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = come_back("bob", ann.cid);
    EXPECT_FALSE(resumed());
    EXPECT_NE(bob.cid, ann.cid);
    EXPECT_FALSE(ann.closing);
    lose(ann);
    EXPECT_NE(come_back("bob", ann.cid).cid, ann.cid);
    EXPECT_FALSE(resumed());
    come_back("ann", ann.cid);
    EXPECT_TRUE(resumed());
}

TEST_F(HubResumeTest, GoesOnUnderTheSameCidAndTellsNobody) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    const std::string before = listing(bob);
    lose(ann);
    EXPECT_EQ(listing(bob), before);
    pass(kGrace - base::Millis(1));
    EXPECT_EQ(listing(bob), before);
    Peer& again = come_back("ann", ann.cid);
    EXPECT_TRUE(resumed());
    EXPECT_EQ(again.cid, ann.cid);
    EXPECT_EQ(listing(bob), before);
    say(again, kRejoin);
    EXPECT_EQ(listing(bob), before);
    pass(kGrace);
    EXPECT_EQ(listing(bob), before);
    EXPECT_THAT(bob.texts(), IsEmpty());
}

TEST_F(HubResumeTest, AnswersTheRejoinWithThePositionAndSendsWhatComesBehindIt) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    lose(ann);
    say(bob, R"({"id":3,"op":"post","to":"tea room","data":"missed"})");
    Peer& again = come_back("ann", ann.cid);
    say(bob, R"({"id":3,"op":"post","to":"tea room","data":"missed, too"})");
    EXPECT_THAT(again.texts(), IsEmpty());
    say(again, kRejoin);
    say(bob, R"({"id":3,"op":"post","to":"tea room","data":"heard"})");
    const auto objects = again.client.take_objects();
    ASSERT_EQ(objects.size(), 2u);
    EXPECT_EQ(objects[0].at("ok").at("epoch"), boost::json::value(ann.epoch));
    EXPECT_EQ(objects[0].at("ok").at("offset"), 3);
    EXPECT_EQ(objects[1].at("offset"), 4);
    EXPECT_EQ(objects[1].at("data"), "heard");
}

TEST_F(HubResumeTest, RejoinsWithTheCommandThatIsSentRightBehindTheConnect) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    lose(ann);
    Peer& again = open();
    say(again, connect_as(ann.cid, token_of("ann")) + "\n" + kRejoin);
    EXPECT_THAT(again.texts(),
                ElementsAre(HasSubstr(R"("resumed":true)"), HasSubstr(R"("group":"tea room")")));
    pass(kGrace * 2);
    EXPECT_THAT(bob.texts(), IsEmpty());
}

TEST_F(HubResumeTest, IsNoMemberBeforeItHasJoinedAgain) {
    Peer& ann = sign_in_to("tea room", "ann");
    lose(ann);
    Peer& again = come_back("ann", ann.cid);
    say(again, R"({"id":3,"op":"post","to":"tea room"})"
               "\n"
               R"({"id":5,"op":"users"})");
    EXPECT_THAT(again.texts(),
                ElementsAre(error_reply(3, ErrorReason::not_joined), error_reply(5, ErrorReason::no_group)));
}

TEST_F(HubResumeTest, TellsThatItLeftWhenItJoinsAnotherGroup) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    lose(ann);
    Peer& again = come_back("ann", ann.cid);
    join(again, "coffee house");
    EXPECT_THAT(bob.texts(), ElementsAre(AllOf(HasSubstr(notice("USER_LEFT")), HasSubstr(ann.cid))));
    pass(kGrace);
    EXPECT_THAT(bob.texts(), IsEmpty());
}

TEST_F(HubResumeTest, TellsThatItLeftWhenItLeaves) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    lose(ann);
    Peer& again = come_back("ann", ann.cid);
    say(again, R"({"id":8,"op":"leave"})");
    EXPECT_THAT(again.texts(),
                ElementsAre(R"({"id":8,"ok":{"group":null,"message":"Left realtime message group."}})"));
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(notice("USER_LEFT"))));
    pass(kGrace);
    EXPECT_THAT(bob.texts(), IsEmpty());
}

TEST_F(HubResumeTest, TellsThatItIsGoneWhenItLetsTheTimePassAndThenThatItJoins) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    lose(ann);
    pass(kGrace - base::Millis(1));
    Peer& again = come_back("ann", ann.cid);
    pass(kGrace - base::Millis(1));
    EXPECT_THAT(bob.texts(), IsEmpty());
    pass(base::Millis(1));
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(notice("USER_DISCONNECTED"))));
    join(again, "tea room");
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(notice("USER_JOINED"))));
}

TEST_F(HubResumeTest, KeepsThePlaceInAGroupThatTheNewTokenDoesNotAllowForTheGraceOnly) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    lose(ann);
    Peer& again = open();
    say(again, connect_as(ann.cid, token_of("ann", 3600, {{"coffee house"}})) + "\n" + kRejoin);
    EXPECT_THAT(again.texts(),
                ElementsAre(HasSubstr(R"("resumed":true)"), error_reply(2, ErrorReason::group_not_allowed)));
    EXPECT_THAT(bob.texts(), IsEmpty());
    pass(kGrace);
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(notice("USER_DISCONNECTED"))));
}

TEST_F(HubResumeTest, TakesOverAConnectionWhoseLossNobodyHasNoticed) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    bob.texts();
    Peer& again = come_back("ann", ann.cid);
    EXPECT_TRUE(resumed());
    EXPECT_EQ(again.cid, ann.cid);
    EXPECT_EQ(ann.close_reason(), CloseReason::taken_over);
    say(again, kRejoin);
    again.texts();
    lose(ann);
    pass(kGrace);
    EXPECT_THAT(bob.texts(), IsEmpty());
    say(bob, R"({"id":3,"op":"post","to":"tea room"})");
    EXPECT_THAT(again.texts(), ElementsAre(HasSubstr(R"("ev":"message")")));
    EXPECT_THAT(ann.texts(), IsEmpty());
}

TEST_F(HubResumeTest, GoesOnAgainAndAgain) {
    Peer& bob = sign_in_to("tea room", "bob");
    Peer* ann = &sign_in_to("tea room", "ann");
    bob.texts();
    const std::string cid = ann->cid;
    for (int i = 0; i < 5; ++i) {
        lose(*ann);
        pass(kGrace / 2);
        ann = &come_back("ann", cid);
        ASSERT_TRUE(resumed()) << i;
        // Every other time it is lost again before it has joined.
        if (i % 2 == 0) say(*ann, kRejoin);
    }
    EXPECT_THAT(bob.texts(), IsEmpty());
    lose(*ann);
    pass(kGrace);
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(notice("USER_DISCONNECTED"))));
}

TEST_F(HubResumeTest, FindsNobodyUnderACidThatIsAwayAndFindsItAgainAfterwards) {
    Peer& bob = sign_in("bob");
    Peer& ann = sign_in("ann");
    const std::string post = R"({"id":3,"op":"post","to":{"cid":")" + ann.cid + R"("},"data":1})";
    lose(ann);
    say(bob, post);
    EXPECT_THAT(bob.texts(), ElementsAre(error_reply(3, ErrorReason::recipient_not_found)));
    Peer& again = come_back("ann", ann.cid);
    say(bob, post);
    EXPECT_THAT(bob.texts(), ElementsAre(R"({"id":3,"ok":{}})"));
    EXPECT_THAT(again.texts(), ElementsAre(HasSubstr(R"("ev":"private")")));
}

TEST_F(HubResumeTest, DeliversToAUserOnlyWhereItIsConnected) {
    keep_nothing();
    Peer& bob = sign_in("user-bob");
    Peer& ann = sign_in("user-ann");
    const std::string post = R"({"id":3,"op":"post","to":"user-ann","data":1})";
    lose(ann);
    say(bob, post);
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(R"("offset":1)")));
    Peer& again = come_back("user-ann", ann.cid);
    say(bob, post);
    EXPECT_THAT(again.texts(), ElementsAre(HasSubstr(R"("ev":"private","offset":2)")));
}

}  // namespace
}  // namespace pipit::core
