#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

using codec::ErrorReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kOk = R"({"id":9,"ok":{}})";

std::string ended(const std::string& call, const std::string& reason) {
    return R"({"ev":"ended","call":")" + call + R"(","reason":")" + reason + "\"}";
}
std::string signal_event(const std::string& call, const std::string& data) {
    return R"({"ev":"signal","call":")" + call + R"(","data":)" + data + "}";
}

class HubCallsTest : public HubTest {
 protected:
    HubCallsTest() { settings_.ping_interval = base::Millis(600'000); }

    /// What it has got, heartbeats and notices left out.
    static std::vector<std::string> texts_of(Peer& peer) {
        std::vector<std::string> texts = peer.texts();
        std::erase_if(texts, [](const std::string& text) {
            return text == "{}" || text.starts_with(R"({"ev":"notice")");
        });
        return texts;
    }
    static std::string to_user(const std::string& user) { return R"({"user":")" + user + "\"}"; }
    static std::string to_cid(const Peer& peer) { return R"({"cid":")" + peer.cid + "\"}"; }

    void send_call(Peer& from, const std::string& to) {
        say(from, R"({"id":5,"op":"call","to":)" + to + R"(,"data":"offer"})");
    }
    /// The id of a call that came about.
    std::string call(Peer& from, const std::string& to) {
        from.texts();
        send_call(from, to);
        const auto answers = from.client.take_objects();
        EXPECT_EQ(answers.size(), 1u);
        EXPECT_TRUE(answers.at(0).contains("ok")) << boost::json::serialize(answers.at(0));
        return boost::json::value_to<std::string>(answers.at(0).at("ok").at("call"));
    }
    void refused(Peer& from, const std::string& to, ErrorReason reason, std::string_view message = {}) {
        send_call(from, to);
        EXPECT_THAT(texts_of(from), ElementsAre(error_reply(5, reason, message)));
    }
    void command(Peer& peer, const std::string& op, const std::string& call, const std::string& data = "") {
        say(peer, R"({"id":9,"op":")" + op + R"(","call":")" + call + "\"" +
                      (data.empty() ? "" : ",\"data\":" + data) + "}");
    }
    /// Accepts and returns the tickets of callee and caller.
    std::pair<std::string, std::string> accept(Peer& callee, Peer& caller, const std::string& call) {
        command(callee, "accept", call, R"("answer")");
        callee_objects_ = callee.client.take_objects();
        const auto caller_objects = caller.client.take_objects();
        EXPECT_EQ(caller_objects.at(0).at("ev"), "accepted");
        return {boost::json::value_to<std::string>(callee_objects_.at(0).at("ok").at("ticket")),
                boost::json::value_to<std::string>(caller_objects.at(0).at("ticket"))};
    }
    void reattach(Peer& peer, const std::string& ticket) {
        say(peer, R"({"id":6,"op":"reattach","ticket":")" + ticket + "\"}");
    }
    void client_closes(Peer& peer, std::optional<std::uint16_t> code) {
        turn([&] { hub().closing(*peer.session, code); });
    }
    static std::string peer_here(const std::string& call, const Peer& peer) {
        return R"({"ev":"peer","call":")" + call + R"(","state":"here","user":")" + peer.user +
               R"(","cid":")" + peer.cid + "\"}";
    }
    static std::string peer_away(const std::string& call) {
        return R"({"ev":"peer","call":")" + call + R"(","state":"away"})";
    }
    static std::string reattached(const std::string& call, const Peer* peer) {
        const std::string other =
            peer == nullptr ? "null" : R"({"user":")" + peer->user + R"(","cid":")" + peer->cid + "\"}";
        return R"({"id":6,"ok":{"call":")" + call + R"(","peer":)" + other + "}}";
    }

    std::vector<boost::json::object> callee_objects_;
};

// Whom one may call

TEST_F(HubCallsTest, FindsNobodyWhoIsNotConnected) {
    Peer& ann = sign_in_to("tea room", "ann");
    refused(ann, to_user("bob"), ErrorReason::callee_not_found);
    refused(ann, R"({"cid":"cid:9fK2Zr0aQw_XcV1B"})", ErrorReason::callee_not_found);
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubCallsTest, DoesNotTellSomebodyInAnotherGroupFromNobody) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    Peer& eve = sign_in("eve");
    refused(ann, to_user("bob"), ErrorReason::callee_not_found);
    refused(ann, to_cid(bob), ErrorReason::callee_not_found);
    refused(ann, to_cid(eve), ErrorReason::callee_not_found);
    refused(eve, to_user("ann"), ErrorReason::callee_not_found);
    EXPECT_THAT(texts_of(bob), IsEmpty());
}

TEST_F(HubCallsTest, CallsNobodyWhenCallsAreOff) {
    settings_.call_access = CallAccess::nobody;
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("tea room", "bob");
    refused(ann, to_user("bob"), ErrorReason::not_permitted, "Calls are switched off on this server.");
    refused(ann, to_user("ann"), ErrorReason::not_permitted, "Calls are switched off on this server.");
}

TEST_F(HubCallsTest, CallsEveryoneWhoIsConnectedWhenThatIsSet) {
    settings_.call_access = CallAccess::everyone;
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    const std::string id = call(ann, to_cid(bob));
    EXPECT_THAT(texts_of(bob), ElementsAre(R"({"ev":"ring","call":")" + id + R"(","user":"ann","cid":")" +
                                           ann.cid + R"(","expires_in_ms":30000,"data":"offer"})"));
}

TEST_F(HubCallsTest, RingsEveryDeviceOfAUserOfTheGroupAlsoThoseThatAreNotInIt) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& desk = sign_in_to("tea room", "bob");
    Peer& phone = sign_in("bob");
    ann.texts();
    send_call(ann, to_user("bob"));
    EXPECT_THAT(texts_of(ann), ElementsAre(HasSubstr(R"("devices":2,"ring_timeout_ms":30000}})")));
    EXPECT_THAT(texts_of(desk), ElementsAre(HasSubstr(R"({"ev":"ring")")));
    EXPECT_THAT(texts_of(phone), ElementsAre(HasSubstr(R"({"ev":"ring")")));
}

TEST_F(HubCallsTest, CallsTheOtherDevicesOfTheCallerFromOutsideOfAnyGroup) {
    Peer& desk = sign_in("ann");
    Peer& phone = sign_in("ann");
    call(desk, to_user("ann"));
    EXPECT_THAT(texts_of(phone), ElementsAre(HasSubstr(R"({"ev":"ring")")));
    EXPECT_THAT(texts_of(desk), IsEmpty());
    call(phone, to_cid(desk));
    EXPECT_THAT(texts_of(desk), ElementsAre(HasSubstr(R"({"ev":"ring")")));
}

TEST_F(HubCallsTest, DoesNotCallItself) {
    Peer& ann = sign_in_to("tea room", "ann");
    refused(ann, to_cid(ann), ErrorReason::invalid_parameter,
            "\"to.cid\" must be another connection than the caller's own.");
    refused(ann, to_user("ann"), ErrorReason::callee_not_found);
}

TEST_F(HubCallsTest, CountsACallAsTenCommands) {
    settings_.rate = {.per_second = 10, .burst = 12};
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    call(ann, to_cid(bob));
    const auto is_let_in = [&] {
        send_call(ann, to_cid(bob));
        return ann.texts().front().find("rate_limited") == std::string::npos;
    };
    EXPECT_FALSE(is_let_in());
    pass(base::Millis(100));
    ann.texts();
    EXPECT_TRUE(is_let_in());
    pass(base::Millis(999));
    EXPECT_FALSE(is_let_in());
    pass(base::Millis(1));
    EXPECT_TRUE(is_let_in());
}

// Ringing

class HubRingingTest : public HubCallsTest {
 protected:
    void begin() {
        ann_ = &sign_in_to("tea room", "ann");
        desk_ = &sign_in_to("tea room", "bob");
        phone_ = &sign_in_to("tea room", "bob");
        ann_->texts();
        desk_->texts();
        call_ = call(*ann_, to_user("bob"));
        desk_->texts();
        phone_->texts();
    }
    Peer *ann_ = nullptr, *desk_ = nullptr, *phone_ = nullptr;
    std::string call_;
};

TEST_F(HubRingingTest, EndsElsewhereWhenOneAccepts) {
    begin();
    command(*phone_, "accept", call_, R"({"answer":1})");
    EXPECT_THAT(texts_of(*phone_), ElementsAre(HasSubstr(R"({"id":9,"ok":{"ticket":")")));
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended(call_, "answered_elsewhere")));
    EXPECT_THAT(texts_of(*ann_),
                ElementsAre(testing::AllOf(HasSubstr(R"({"ev":"accepted","call":")" + call_ +
                                                     R"(","user":"bob","cid":")" + phone_->cid + "\""),
                                           HasSubstr(R"(,"data":{"answer":1}})"))));
    command(*desk_, "accept", call_);
    EXPECT_THAT(texts_of(*desk_), ElementsAre(error_reply(9, ErrorReason::not_in_call)));
}

TEST_F(HubRingingTest, EndsForAllWhenOneRejects) {
    begin();
    command(*desk_, "hangup", call_);
    EXPECT_THAT(texts_of(*desk_), ElementsAre(kOk));
    EXPECT_THAT(texts_of(*phone_), ElementsAre(ended(call_, "rejected")));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended(call_, "rejected")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, EndsForAllWhenTheCallerTakesItBack) {
    begin();
    command(*ann_, "hangup", call_);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(kOk));
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended(call_, "cancelled")));
    EXPECT_THAT(texts_of(*phone_), ElementsAre(ended(call_, "cancelled")));
    command(*phone_, "accept", call_);
    EXPECT_THAT(texts_of(*phone_), ElementsAre(error_reply(9, ErrorReason::not_in_call)));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, EndsForAllWhenNobodyAnswersInTime) {
    settings_.ring_timeout = base::Millis(20'000);
    begin();
    pass(base::Millis(19'999));
    EXPECT_THAT(texts_of(*ann_), IsEmpty());
    pass(base::Millis(1));
    for (Peer* peer : {ann_, desk_, phone_})
        EXPECT_THAT(texts_of(*peer), ElementsAre(ended(call_, "timeout")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, EndsWhenTheCallersConnectionIsLost) {
    begin();
    lose(*ann_);
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended(call_, "lost")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, IsCancelledWhenTheCallerSaysGoodbye) {
    begin();
    client_closes(*ann_, 1000);
    EXPECT_THAT(texts_of(*phone_), testing::Contains(ended(call_, "cancelled")));
}

TEST_F(HubRingingTest, GoesOnElsewhereWhenADeviceIsClosed) {
    begin();
    client_closes(*desk_, 1000);
    turn([&] { hub().close(*phone_->session, codec::CloseReason::bad_message); });
    EXPECT_THAT(texts_of(*phone_), IsEmpty());
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended(call_, "unreachable")));
}

TEST_F(HubRingingTest, GoesOnUntilTheLastDeviceIsLost) {
    begin();
    lose(*desk_);
    EXPECT_THAT(texts_of(*ann_), IsEmpty());
    lose(*phone_);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended(call_, "unreachable")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, HasRoomForNewCallsWhenAllIsOver) {
    settings_.calls_per_connection_max = 1;
    begin();
    command(*desk_, "hangup", call_);
    ann_->texts();
    call(*ann_, to_cid(*desk_));
}

TEST_F(HubCallsTest, TellsTheCallerThatAllAreBusy) {
    settings_.calls_per_connection_max = 1;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& eve = sign_in_to("tea room", "eve");
    call(ann, to_cid(bob));
    bob.texts();
    send_call(eve, to_user("bob"));
    EXPECT_THAT(texts_of(eve), ElementsAre(HasSubstr(R"("devices":1)"), HasSubstr(R"("reason":"busy")")));
    EXPECT_THAT(texts_of(bob), IsEmpty());
    EXPECT_EQ(hub().call_count(), 1u);
    refused(ann, to_cid(eve), ErrorReason::too_many_calls);
}

TEST_F(HubCallsTest, LetsNobodyKeepAnotherFromCallingNorFromBeingCalled) {
    Peer& eve = sign_in_to("tea room", "eve");
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    for (std::size_t i = 0; i < SessionCalls::kRingsOfOneUserMax; ++i)
        call(eve, to_cid(bob));
    bob.texts();
    send_call(eve, to_cid(bob));
    EXPECT_THAT(texts_of(eve), ElementsAre(HasSubstr(R"("devices":1)"), HasSubstr(R"("reason":"busy")")));
    EXPECT_THAT(texts_of(bob), IsEmpty());
    call(ann, to_cid(bob));
    EXPECT_THAT(texts_of(bob), ElementsAre(HasSubstr(R"({"ev":"ring")")));
    call(bob, to_cid(ann));
}

TEST_F(HubCallsTest, TakesNoCallWhileAWorkerThatIsConcernedHasTooMuchToDo) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    congested_ = {true};
    refused(ann, to_cid(bob), ErrorReason::unavailable);
    EXPECT_EQ(hub().call_count(), 0u);
}

// Signals

TEST_F(HubRingingTest, KeepsWhatTheCallerSaysForTheOneThatAccepts) {
    begin();
    command(*ann_, "signal", call_, "1");
    command(*ann_, "signal", call_, R"({"two":2})");
    EXPECT_THAT(texts_of(*ann_), ElementsAre(kOk, kOk));
    EXPECT_THAT(texts_of(*desk_), IsEmpty());
    command(*phone_, "accept", call_);
    EXPECT_THAT(texts_of(*phone_), ElementsAre(HasSubstr("ticket"), signal_event(call_, "1"),
                                               signal_event(call_, R"({"two":2})")));
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended(call_, "answered_elsewhere")));
}

TEST_F(HubRingingTest, KeepsOnlySoMuch) {
    settings_.message_bytes_max = 200;
    begin();
    const std::string data = "\"" + std::string(100, 'x') + "\"";
    command(*ann_, "signal", call_, data);
    command(*ann_, "signal", call_, data);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(kOk, error_reply(9, ErrorReason::too_many_signals)));
    command(*phone_, "accept", call_);
    EXPECT_THAT(texts_of(*phone_), ElementsAre(HasSubstr("ticket"), signal_event(call_, data)));
}

TEST_F(HubRingingTest, TakesNoSignalsFromDevicesThatHaveNotAcceptedNorFromStrangers) {
    begin();
    Peer& eve = sign_in_to("tea room", "eve");
    command(*desk_, "signal", call_, "1");
    EXPECT_THAT(texts_of(*desk_), testing::Contains(error_reply(9, ErrorReason::not_in_call)));
    command(*phone_, "accept", call_);
    command(eve, "signal", call_, "1");
    command(eve, "accept", call_);
    command(eve, "hangup", call_);
    EXPECT_THAT(texts_of(eve), ElementsAre(error_reply(9, ErrorReason::not_in_call),
                                           error_reply(9, ErrorReason::not_in_call), kOk));
    EXPECT_EQ(hub().call_count(), 1u);
}

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
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended(call_, "hung_up")));
    command(*ann_, "signal", call_, "1");
    EXPECT_THAT(texts_of(*ann_), ElementsAre(error_reply(9, ErrorReason::not_in_call)));
}

TEST_F(HubTalkingTest, EndsWithAGoodbye) {
    begin();
    client_closes(*bob_, 1000);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended(call_, "hung_up")));
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
    EXPECT_THAT(texts_of(*ann_), ElementsAre(peer_here(call_, again), ended(call_, "hung_up")));
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
    EXPECT_THAT(texts_of(bob), ElementsAre(kOk, ended(call_, "hung_up")));
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
    EXPECT_THAT(texts_of(*bob_), ElementsAre(ended(call_, "moved")));
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

TEST_F(HubCallsTest, DoesNotLetOneConnectionTakeBothPartsOfACall) {
    Peer& desk = sign_in("ann");
    Peer& phone = sign_in("ann");
    const std::string id = call(desk, to_cid(phone));
    phone.texts();
    const auto [phones_ticket, desks_ticket] = accept(phone, desk, id);
    reattach(desk, phones_ticket);
    EXPECT_THAT(texts_of(desk), ElementsAre(error_reply(6, ErrorReason::not_in_call)));
    command(desk, "signal", id, "1");
    EXPECT_THAT(texts_of(phone), ElementsAre(signal_event(id, "1")));
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

// ICE

TEST_F(HubCallsTest, TellsWhichServersIceIsToUse) {
    settings_.ice.stun_port = 3478;
    Peer& ann = sign_in("ann");
    say(ann, R"({"id":6,"op":"ice"})");
    EXPECT_THAT(texts_of(ann), ElementsAre(R"({"id":6,"ok":{"iceServers":[]}})"));
    const auto host = std::make_shared<const std::string>("chat.example.com");
    turn([&] { ann.session->host = host; });
    say(ann, R"({"id":6,"op":"ice"})");
    EXPECT_THAT(texts_of(ann),
                ElementsAre(R"({"id":6,"ok":{"iceServers":[{"urls":["stun:chat.example.com:3478"]}]}})"));
    turn([&] { hub().ask(1, token_of("ann"), R"({"id":1,"op":"ice"})", host); });
    ASSERT_EQ(hub().effects().answers.size(), 1u);
    EXPECT_EQ(hub().effects().answers[0].json, R"({"iceServers":[{"urls":["stun:chat.example.com:3478"]}]})");
}

}  // namespace
}  // namespace pipit::core
