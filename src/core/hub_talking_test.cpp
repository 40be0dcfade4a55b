#include "core/testing/hub_calls_fixture.hpp"

namespace pipit::core {
namespace {

class HubTalkingTest : public HubCallsTest {
 protected:
    void begin() {
        ann_ = &sign_in_to("tea room", "ann");
        bob_ = &sign_in_to("tea room", "bob");
        ann_->texts();
        call_ = call(*ann_, to_cid(*bob_));
        bob_->texts();
        std::tie(bobs_ticket_, anns_ticket_) = accept(*bob_, *ann_, call_);
    }
    Peer *ann_ = nullptr, *bob_ = nullptr;
    std::string call_, anns_ticket_, bobs_ticket_;
};

TEST_F(HubTalkingTest, PassesOnWhatTheTwoSayByteForByteAndInOrder) {
    begin();
    say(*ann_, R"({"id":9,"op":"signal","call":")" + call_ + R"(","data":[ 1.0 ,"\u0061"]})" + "\n" +
                   R"({"id":9,"op":"signal","call":")" + call_ + "\"}");
    EXPECT_THAT(texts_of(*bob_),
                ElementsAre(signal_event(call_, R"([ 1.0 ,"\u0061"])"), signal_event(call_, "null")));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(kOk, kOk));
    command(*bob_, "signal", call_, "3");
    EXPECT_THAT(texts_of(*ann_), ElementsAre(signal_event(call_, "3")));
}

TEST_F(HubTalkingTest, EndsWhenEitherHangsUp) {
    begin();
    command(*bob_, "hangup", call_);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended_event(call_, "hung_up")));
    command(*ann_, "signal", call_, "1");
    EXPECT_THAT(texts_of(*ann_), ElementsAre(error_reply(9, ErrorReason::not_in_call)));
}

TEST_F(HubTalkingTest, EndsWithAGoodbye) {
    begin();
    client_closes(*bob_, 1000);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended_event(call_, "hung_up")));
}

TEST_F(HubTalkingTest, GoesOnWhenAConnectionIsLost) {
    begin();
    lose(*bob_);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_away(call_)));
    command(*ann_, "signal", call_, "1");
    EXPECT_THAT(texts_of(*ann_), ElementsAre(error_reply(9, ErrorReason::peer_away)));
    Peer& again = sign_in("bob");
    reattach(again, bobs_ticket_);
    EXPECT_THAT(texts_of(again), ElementsAre(reattached(call_, ann_)));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_here(call_, again)));
    command(*ann_, "signal", call_, "2");
    EXPECT_THAT(texts_of(again), ElementsAre(signal_event(call_, "2")));
}

TEST_F(HubTalkingTest, GoesOnWhenASilentConnectionIsClosed) {
    begin();
    turn([&] { hub().close(*bob_->session, codec::CloseReason::ping_timeout); });
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_away(call_)));
}

TEST_F(HubTalkingTest, RemembersForOneWhoIsAwayThatTheOtherHasHungUp) {
    begin();
    lose(*bob_);
    command(*ann_, "hangup", call_);
    Peer& again = sign_in("bob");
    for (int i = 0; i < 2; ++i) {
        reattach(again, bobs_ticket_);
        EXPECT_THAT(texts_of(again), ElementsAre(error_reply(6, ErrorReason::not_in_call)));
    }
    pass(CallHome::kReattachWindow);
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubTalkingTest, RemembersItAlsoForOneWhoseLossNobodyHasNoticed) {
    begin();
    command(*ann_, "hangup", call_);
    Peer& again = sign_in("bob");
    reattach(again, bobs_ticket_);
    EXPECT_THAT(texts_of(again), ElementsAre(error_reply(6, ErrorReason::not_in_call)));
}

TEST_F(HubTalkingTest, EndsByAHangupRightBehindAReattach) {
    begin();
    lose(*bob_);
    Peer& again = sign_in("bob");
    ann_->texts();
    say(again, R"({"id":6,"op":"reattach","ticket":")" + bobs_ticket_ + "\"}\n" +
                   R"({"id":9,"op":"hangup","call":")" + call_ + "\"}");
    EXPECT_THAT(texts_of(again), ElementsAre(reattached(call_, ann_), kOk));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_here(call_, again), ended_event(call_, "hung_up")));
}

TEST_F(HubTalkingTest, IsNotTakenUpAgainWhenCallsAreOffByThen) {
    begin();
    settings_.call_access = CallAccess::nobody;
    restart();
    Peer& ann = sign_in("ann");
    reattach(ann, anns_ticket_);
    EXPECT_THAT(texts_of(ann), ElementsAre(error_reply(6, ErrorReason::not_permitted,
                                                       "Calls are switched off on this server.")));
}

TEST_F(HubTalkingTest, ForgetsACallThatNobodyComesBackTo) {
    begin();
    lose(*bob_);
    lose(*ann_);
    EXPECT_EQ(hub().call_count(), 1u);
    pass(CallHome::kReattachWindow);
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubTalkingTest, DoesNotForgetACallThatSomebodyHasComeBackTo) {
    begin();
    lose(*bob_);
    lose(*ann_);
    pass(CallHome::kReattachWindow - base::Millis(1));
    Peer& again = sign_in("bob");
    reattach(again, bobs_ticket_);
    EXPECT_THAT(texts_of(again), ElementsAre(reattached(call_, nullptr)));
    pass(CallHome::kReattachWindow);
    EXPECT_EQ(hub().call_count(), 1u);
    command(again, "signal", call_, "1");
    EXPECT_THAT(texts_of(again), testing::Contains(error_reply(9, ErrorReason::peer_away)));
}

TEST_F(HubTalkingTest, GoesOnAfterARestart) {
    begin();
    restart();
    Peer& ann = sign_in("ann");
    reattach(ann, anns_ticket_);
    EXPECT_THAT(texts_of(ann), ElementsAre(reattached(call_, nullptr)));
    Peer& bob = sign_in("bob");
    reattach(bob, bobs_ticket_);
    EXPECT_THAT(texts_of(bob), ElementsAre(reattached(call_, &ann)));
    EXPECT_THAT(texts_of(ann), ElementsAre(peer_here(call_, bob)));
    command(bob, "signal", call_, "1");
    EXPECT_THAT(texts_of(ann), ElementsAre(signal_event(call_, "1")));
    command(ann, "hangup", call_);
    EXPECT_THAT(texts_of(bob), ElementsAre(kOk, ended_event(call_, "hung_up")));
}

TEST_F(HubTalkingTest, TakesOnlyTicketsOfTheUserThatHasGotThem) {
    begin();
    Peer& eve = sign_in_to("tea room", "eve");
    std::string broken = anns_ticket_;
    broken[5] = broken[5] == 'A' ? 'B' : 'A';
    for (const std::string& ticket : {anns_ticket_, broken, std::string("x"), call_}) {
        reattach(eve, ticket);
        EXPECT_THAT(texts_of(eve), ElementsAre(HasSubstr(R"("reason":"invalid_parameter")")));
    }
    reattach(*ann_, broken);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(HasSubstr(R"("reason":"invalid_parameter")")));
}

TEST_F(HubTalkingTest, MovesAPartToTheNewestThatTakesIt) {
    begin();
    Peer& again = sign_in("bob");
    reattach(again, bobs_ticket_);
    EXPECT_THAT(texts_of(*bob_), ElementsAre(ended_event(call_, "moved")));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_here(call_, again)));
    command(*bob_, "hangup", call_);
    EXPECT_THAT(texts_of(*bob_), ElementsAre(kOk));
    EXPECT_EQ(hub().call_count(), 1u);
    lose(*bob_);
    EXPECT_THAT(texts_of(*ann_), IsEmpty());
}

TEST_F(HubTalkingTest, AnswersOneThatReattachesWhereItIsAlready) {
    begin();
    reattach(*bob_, bobs_ticket_);
    EXPECT_THAT(texts_of(*bob_), ElementsAre(reattached(call_, ann_)));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_here(call_, *bob_)));
}

TEST_F(HubTalkingTest, CountsACallThatWasTakenUpAgain) {
    settings_.calls_per_connection_max = 1;
    begin();
    Peer& carl = sign_in_to("tea room", "carl");
    Peer& again = sign_in_to("tea room", "bob");
    call(again, to_cid(carl));
    reattach(again, bobs_ticket_);
    EXPECT_THAT(texts_of(again), ElementsAre(error_reply(6, ErrorReason::too_many_calls)));
}

}  // namespace
}  // namespace pipit::core
