// A client of the hosted service calls and is called. How that fits together with the hub and with other
// clients: conversation_hub_test.cpp.

#include "skapi/testing/conversation_fixture.hpp"

namespace pipit::skapi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Strings = std::vector<std::string>;

const std::string kPeerUser = "5d1f0c2e-0000-4000-8000-000000000001";
const std::string kPeerCid = "cid:BBBBBBBBBBBBBBBB";
const std::string kBareCid = "BBBBBBBBBBBBBBBB";

std::string rtc(const std::string& content, const std::string& cid = kPeerCid) {
    return R"({"action":"rtc","uid":")" + cid + R"(","content":)" + content + R"(,"token":"a.b.c"})";
}
std::string description(const std::string& type, const std::string& sdp) {
    return R"({"type":")" + type + R"(","sdp":")" + sdp + "\"}";
}
std::string offer(const std::string& sdp = "offer") {
    return rtc(R"({"sdpoffer":)" + description("offer", sdp) + "}");
}
std::string answer(const std::string& sdp = "answer") {
    return rtc(R"({"sdpanswer":)" + description("answer", sdp) + "}");
}
std::string candidate(const std::string& text) {
    return rtc(R"({"candidate":{"candidate":")" + text + R"(","sdpMid":"0"}})");
}
const std::string kPickup = rtc(R"({"pickup":")" + kOwnUser + "\"}");
const std::string kHungup = rtc(R"({"hungup":")" + kOwnUser + "\"}");

std::string id(int number) {
    return R"({"id":)" + std::to_string(number);
}
std::string opening(const std::string& type, const std::string& sdp) {
    return R"("data":{"description":)" + description(type, sdp) + R"(,"channels":[],"in_band":true}})";
}
std::string call_command(int number, const std::string& sdp = "offer") {
    return id(number) + R"(,"op":"call","to":{"cid":")" + kPeerCid + R"("},)" + opening("offer", sdp);
}
std::string accept_command(int number, const std::string& call, const std::string& sdp = "answer") {
    return id(number) + R"(,"op":"accept","call":")" + call + R"(",)" + opening("answer", sdp);
}
std::string signal_command(int number, const std::string& call, const std::string& data) {
    return id(number) + R"(,"op":"signal","call":")" + call + R"(","data":)" + data + "}";
}
std::string hangup_command(int number, const std::string& call) {
    return id(number) + R"(,"op":"hangup","call":")" + call + "\"}";
}
std::string description_data(const std::string& type, const std::string& sdp) {
    return R"({"description":)" + description(type, sdp) + "}";
}
std::string candidate_data(const std::string& text) {
    return R"({"candidate":{"candidate":")" + text + R"(","sdpMid":"0"}})";
}

std::string placed(int number, const std::string& call) {
    return id(number) + R"(,"ok":{"call":")" + call + R"(","devices":1,"ring_timeout_ms":30000}})";
}
std::string refused(int number, const std::string& reason) {
    return id(number) + R"(,"error":{"code":"NOT_EXISTS","reason":")" + reason +
           R"(","message":"No.","retry":false}})";
}
const std::string kRefusedFrame = R"({"#error":"NOT_EXISTS: No."})";

std::string ring(const std::string& call, const std::string& sdp = "their offer",
                 const std::string& user = kPeerUser) {
    return R"({"ev":"ring","call":")" + call + R"(","user":")" + user + R"(","cid":")" + kPeerCid +
           R"(","expires_in_ms":30000,"data":{"description":)" + description("offer", sdp) +
           R"(,"channels":[{"protocol":"chat","ordered":true}]}})";
}
std::string accepted(const std::string& call, const std::string& data) {
    return R"({"ev":"accepted","call":")" + call + R"(","user":")" + kPeerUser + R"(","cid":")" + kPeerCid +
           R"(","ticket":"t","data":)" + data + "}";
}
std::string accepted(const std::string& call) {
    return accepted(call,
                    R"({"description":)" + description("answer", "their answer") + R"(,"channels":[]})");
}
std::string signal(const std::string& call, const std::string& data) {
    return R"({"ev":"signal","call":")" + call + R"(","data":)" + data + "}";
}
std::string ended(const std::string& call, const std::string& reason) {
    return R"({"ev":"ended","call":")" + call + R"(","reason":")" + reason + "\"}";
}

std::string rtc_frame(const std::string& content, bool with_user = true) {
    return R"({"#rtc":)" + content + (with_user ? R"(,"#user_id":")" + kPeerUser + "\"" : "") +
           R"(,"#scid":")" + kBareCid + "\"}";
}
std::string offer_frame(const std::string& sdp = "their offer") {
    return rtc_frame(R"({"sdpoffer":)" + description("offer", sdp) + "}");
}
std::string answer_frame(const std::string& sdp = "their answer") {
    return rtc_frame(R"({"sdpanswer":)" + description("answer", sdp) + "}");
}
const std::string kPickupFrame = rtc_frame(R"({"pickup":")" + kPeerUser + "\"}");
const std::string kHungupFrame = rtc_frame(R"({"hungup":")" + kPeerUser + "\"}");
const std::string kHungupOfUnknown = rtc_frame(R"({"hungup":")" + kPeerCid + "\"}", false);

std::string error_frame(const std::string& text) {
    return R"({"#error":")" + text + "\"}";
}

class ConversationCallsTest : public ConversationTest {
 protected:
    ConversationCallsTest() : ConversationTest({.json_depth_max = 64, .calls_max = 2}) { sign_in(); }

    /// A call that rings at the other side; command number 2.
    void call_out(const std::string& call = "c2") {
        EXPECT_THAT(client_says(offer()), ElementsAre(call_command(2)));
        EXPECT_THAT(server_says(placed(2, call)), IsEmpty());
    }
    /// One that the client has made and the other side has accepted; the next command is number 3.
    void talk_as_caller() {
        call_out();
        EXPECT_THAT(server_says(accepted("c2")), ElementsAre(answer_frame(), kPickupFrame));
    }
    /// One that the other side has made; the next command is number 3.
    void talk_as_callee() {
        EXPECT_THAT(server_says(ring("c2")), ElementsAre(offer_frame()));
        EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(2, "c2")));
        EXPECT_THAT(server_says(id(2) + R"(,"ok":{"ticket":"t"}})"), IsEmpty());
    }
    /// Nothing is left of what was said: who calls now is new.
    void is_free(int next_command) {
        EXPECT_THAT(server_says(ring("c9", "another")), ElementsAre(offer_frame("another")));
        EXPECT_THAT(client_says(answer("yes")), ElementsAre(accept_command(next_command, "c9", "yes")));
    }
};

// Failures

TEST_F(ConversationCallsTest, RefusesWhatIsNoSignal) {
    const std::string uid = R"(INVALID_PARAMETER: \"uid\" must be a connection id.)";
    client_is_refused(rtc("{}", "BBBBBBBBBBBBBBBB"), uid);
    client_is_refused(rtc("{}", "cid:" + std::string(61, 'B')), uid);
    client_is_refused(R"({"action":"rtc","content":{"hungup":"u"}})", uid);
    client_is_refused(R"({"action":"rtc","uid":"cid:\ud800","content":{"hungup":"u"}})", uid);
    client_is_refused(rtc("[]"), R"(INVALID_PARAMETER: \"content\" must be an object.)");
    const std::string content =
        R"(INVALID_PARAMETER: \"content\" must have one of sdpoffer, sdpanswer, candidate, pickup and hungup.)";
    client_is_refused(rtc("{}"), content);
    client_is_refused(rtc(R"({"candidate":null})"), content);
    const std::string sdp =
        R"(INVALID_PARAMETER: \"sdpoffer\" and \"sdpanswer\" must be an object with that \"type\" and an \"sdp\".)";
    client_is_refused(rtc(R"({"sdpoffer":null})"), sdp);
    client_is_refused(rtc(R"({"sdpoffer":{"type":"answer","sdp":"s"}})"), sdp);
    client_is_refused(rtc(R"({"sdpanswer":{"type":"answer","sdp":7}})"), sdp);
    client_is_refused(rtc(R"({"sdpanswer":{"type":"rollback","sdp":""}})"), sdp);
}

TEST_F(ConversationCallsTest, TellsOnceThatACallWasRefusedAndThatItIsOver) {
    client_says(offer());
    EXPECT_THAT(client_says(candidate("1")), IsEmpty());
    EXPECT_THAT(server_says(refused(2, "callee_not_found")), ElementsAre(kRefusedFrame, kHungupOfUnknown));
    EXPECT_THAT(client_says(candidate("2")), IsEmpty());
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(port_.take_frames(), IsEmpty());
    is_free(3);
}

TEST_F(ConversationCallsTest, SaysNothingToTheServerOfACallThatIsOver) {
    for (const std::string& said : {answer(), candidate("1"), kPickup, kHungup})
        EXPECT_THAT(client_says(said), IsEmpty()) << said;
    EXPECT_THAT(port_.take_frames(), IsEmpty());
    EXPECT_THAT(server_says(refused(7, "not_in_call")), IsEmpty());
}

TEST_F(ConversationCallsTest, RefusesMoreCallsThanTheHubAllows) {
    const auto offer_to = [](const std::string& cid) {
        return rtc(R"({"sdpoffer":)" + description("offer", "o") + "}", cid);
    };
    EXPECT_EQ(client_says(offer_to("cid:1")).size(), 1u);
    EXPECT_EQ(client_says(offer_to("cid:2")).size(), 1u);
    EXPECT_THAT(client_says(offer_to("cid:3")), IsEmpty());
    EXPECT_THAT(
        port_.take_frames(),
        ElementsAre(
            error_frame("INVALID_REQUEST: This connection has as many calls as it may. End one first."),
            R"({"#rtc":{"hungup":"cid:3"},"#scid":"3"})"));
    // One that was given up counts until the server has told its id.
    client_says(rtc(R"({"hungup":"u"})", "cid:1"));
    EXPECT_THAT(client_says(offer_to("cid:3")), IsEmpty());
    port_.take_frames();
    server_says(placed(2, "c"));
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(4, "c")));
    EXPECT_EQ(client_says(offer_to("cid:3")).size(), 1u);
}

TEST_F(ConversationCallsTest, GivesUpACallWithMoreSignalsThanItKeeps) {
    client_says(offer());
    for (int i = 0; i < 64; ++i)
        EXPECT_THAT(client_says(candidate("c")), IsEmpty());
    EXPECT_THAT(port_.take_frames(), IsEmpty());
    EXPECT_THAT(client_says(candidate("one more")), IsEmpty());
    EXPECT_THAT(port_.take_frames(),
                ElementsAre(error_frame("INVALID_REQUEST: More was sent than is kept while it rings."),
                            kHungupOfUnknown));
    EXPECT_THAT(server_says(placed(2, "c2")), IsEmpty());
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(3, "c2")));
    client_says(kHungup);
    is_free(4);
}

TEST_F(ConversationCallsTest, GivesUpACallWithLargerSignalsThanItKeeps) {
    server_says(ring("c2"));
    EXPECT_THAT(client_says(candidate(std::string(30'000, 'x'))), IsEmpty());
    EXPECT_THAT(client_says(candidate(std::string(30'000, 'x'))), IsEmpty());
    EXPECT_THAT(client_says(candidate(std::string(10'000, 'x'))), ElementsAre(hangup_command(2, "c2")));
    EXPECT_THAT(port_.take_frames(),
                ElementsAre(error_frame("INVALID_REQUEST: More was sent than is kept while it rings."),
                            kHungupFrame));
    client_says(kHungup);
    is_free(3);
}

TEST_F(ConversationCallsTest, DoesNotRingForWhatTheClientCannotAnswer) {
    const auto ring_with = [](const std::string& data) {
        return R"({"ev":"ring","call":"c2","user":"u","cid":"cid:BBBBBBBBBBBBBBBB","expires_in_ms":1,"data":)" +
               data + "}";
    };
    for (const char* data : {"null", "1", "[]", "{}", R"({"description":null})",
                             R"({"description":{"type":"answer","sdp":"s"}})",
                             R"({"description":{"type":"offer"}})", R"({"description":{"sdp":"s"}})"}) {
        EXPECT_THAT(server_says(ring_with(data)), IsEmpty()) << data;
    }
    EXPECT_THAT(server_says(ended("c2", "timeout")), IsEmpty());
    is_free(2);
}

TEST_F(ConversationCallsTest, EndsACallThatWasAcceptedWithNothingToGoOnWith) {
    call_out();
    EXPECT_THAT(server_says(accepted("c2", "null")), ElementsAre(kHungupFrame));
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(3, "c2")));
    client_says(kHungup);
    is_free(4);
}

TEST_F(ConversationCallsTest, TellsThatAnotherDeviceWasFaster) {
    server_says(ring("c2"));
    client_says(answer());
    EXPECT_THAT(server_says(refused(2, "not_in_call")), ElementsAre(kHungupFrame));
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    is_free(3);
}

TEST_F(ConversationCallsTest, TellsThatAnotherDeviceWasFasterWhenTheEndComesFirst) {
    server_says(ring("c2"));
    client_says(answer());
    EXPECT_THAT(server_says(ended("c2", "answered_elsewhere")), ElementsAre(kHungupFrame));
    EXPECT_THAT(server_says(refused(2, "not_in_call")), IsEmpty());
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    is_free(3);
}

TEST_F(ConversationCallsTest, EndsACallThatCannotBeAccepted) {
    server_says(ring("c2"));
    client_says(answer());
    EXPECT_THAT(server_says(refused(2, "unavailable")), ElementsAre(kRefusedFrame, kHungupFrame));
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(3, "c2")));
}

TEST_F(ConversationCallsTest, TellsThatASignalDidNotArrive) {
    talk_as_caller();
    client_says(candidate("1"));
    EXPECT_THAT(server_says(refused(3, "peer_away")), ElementsAre(kRefusedFrame));
}

// The client takes no notice of its own user, and the user's other devices go on ringing.
TEST_F(ConversationCallsTest, LetsCallsOfTheUserSelfRingElsewhere) {
    EXPECT_THAT(server_says(ring("c2", "o", kOwnUser)), IsEmpty());
    EXPECT_THAT(port_.take_commands(), IsEmpty());
    EXPECT_THAT(server_says(ended("c2", "timeout")), IsEmpty());
}

// Calling

TEST_F(ConversationCallsTest, CallsAndTalks) {
    EXPECT_THAT(client_says(offer()), ElementsAre(call_command(2)));
    EXPECT_THAT(client_says(candidate("1")), IsEmpty());
    EXPECT_THAT(client_says(candidate("2")), IsEmpty());
    EXPECT_THAT(server_says(placed(2, "c2")), IsEmpty());
    EXPECT_THAT(port_.take_commands(), ElementsAre(signal_command(3, "c2", candidate_data("1")),
                                                   signal_command(4, "c2", candidate_data("2"))));
    EXPECT_THAT(client_says(candidate("3")), ElementsAre(signal_command(5, "c2", candidate_data("3"))));
    EXPECT_THAT(server_says(R"({"id":3,"ok":{}})"), IsEmpty());
    EXPECT_THAT(server_says(accepted("c2")), ElementsAre(answer_frame(), kPickupFrame));
    EXPECT_THAT(server_says(signal("c2", candidate_data("theirs"))),
                ElementsAre(rtc_frame(candidate_data("theirs"))));
    EXPECT_THAT(server_says(signal("c2", R"({"candidate":null})")), IsEmpty());
    EXPECT_THAT(client_says(candidate("4")), ElementsAre(signal_command(6, "c2", candidate_data("4"))));
}

TEST_F(ConversationCallsTest, LearnsThatACallCameToNothing) {
    for (const char* reason : {"rejected", "timeout", "unreachable", "busy"}) {
        RecordingPort port;
        Conversation conversation({}, port);
        conversation.start("t");
        conversation.from_client(offer());
        conversation.from_server(placed(2, "c2"));
        port.take_frames();
        conversation.from_server(ended("c2", reason));
        EXPECT_THAT(port.take_frames(), ElementsAre(kHungupOfUnknown)) << reason;
    }
}

TEST_F(ConversationCallsTest, TakesACallBack) {
    call_out();
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(3, "c2")));
    is_free(4);
}

TEST_F(ConversationCallsTest, TakesACallBackOfWhichItKnowsNoIdYet) {
    client_says(offer());
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(client_says(offer("again")), ElementsAre(call_command(3, "again")));
    EXPECT_THAT(server_says(placed(2, "c1")), IsEmpty());
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(4, "c1")));
    EXPECT_THAT(server_says(placed(3, "c2")), IsEmpty());
    EXPECT_THAT(server_says(accepted("c2")), ElementsAre(answer_frame(), kPickupFrame));
}

TEST_F(ConversationCallsTest, IsTakenBackOfWhichItWasRefused) {
    client_says(offer());
    client_says(kHungup);
    EXPECT_THAT(server_says(refused(2, "callee_not_found")), IsEmpty());
}

// Being called

TEST_F(ConversationCallsTest, IsCalledAndTalks) {
    EXPECT_THAT(server_says(ring("c2")), ElementsAre(offer_frame()));
    EXPECT_THAT(client_says(candidate("early")), IsEmpty());
    EXPECT_THAT(client_says(answer()),
                ElementsAre(accept_command(2, "c2"), signal_command(3, "c2", candidate_data("early"))));
    EXPECT_THAT(client_says(kPickup), IsEmpty());
    EXPECT_THAT(client_says(candidate("1")), ElementsAre(signal_command(4, "c2", candidate_data("1"))));
    EXPECT_THAT(server_says(id(2) + R"(,"ok":{"ticket":"t"}})"), IsEmpty());
    EXPECT_THAT(server_says(signal("c2", candidate_data("theirs"))),
                ElementsAre(rtc_frame(candidate_data("theirs"))));
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(5, "c2")));
}

TEST_F(ConversationCallsTest, IsToldOfTheEndOfACallWhoeverSaysItFirst) {
    talk_as_caller();
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(3, "c2")));
    EXPECT_THAT(port_.take_frames(), ElementsAre(kHungupFrame));
    EXPECT_THAT(server_says(ended("c2", "hung_up")), IsEmpty()) << "both have hung up at once";
    is_free(4);
}

TEST_F(ConversationCallsTest, Rejects) {
    server_says(ring("c2"));
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(2, "c2")));
    is_free(3);
}

TEST_F(ConversationCallsTest, StopsRinging) {
    for (const char* reason : {"answered_elsewhere", "cancelled", "timeout", "lost"}) {
        server_says(ring("c2"));
        EXPECT_THAT(server_says(ended("c2", reason)), ElementsAre(kHungupFrame)) << reason;
    }
    // It has no connection for the call that it could close, so this is a word on the next one.
    server_says(ring("c3"));
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(2, "c3")));
}

TEST_F(ConversationCallsTest, LearnsThatTheOtherSideHasHungUp) {
    talk_as_callee();
    EXPECT_THAT(server_says(ended("c2", "hung_up")), ElementsAre(kHungupFrame));
}

TEST_F(ConversationCallsTest, DoesNotTakeTheEchoOfAnEndForARejection) {
    talk_as_callee();
    EXPECT_THAT(server_says(ended("c2", "hung_up")), ElementsAre(kHungupFrame));
    EXPECT_THAT(server_says(ring("c3")), ElementsAre(offer_frame()));
    EXPECT_THAT(client_says(candidate("of the call before")), IsEmpty());
    EXPECT_THAT(client_says(kHungup), IsEmpty()) << "the client closes its connection of the call before";
    EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(3, "c3")));
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(4, "c3")));
}

TEST_F(ConversationCallsTest, KeepsASecondCallOfTheSameConnectionUntilTheFirstIsOver) {
    talk_as_callee();
    EXPECT_THAT(server_says(ring("c3", "second")), IsEmpty());
    EXPECT_THAT(server_says(ring("c4", "third")), IsEmpty());
    EXPECT_THAT(server_says(ended("c2", "hung_up")), ElementsAre(kHungupFrame, offer_frame("second")));
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(3, "c3")));
}

TEST_F(ConversationCallsTest, ForgetsASecondCallThatWasTakenBack) {
    talk_as_callee();
    server_says(ring("c3"));
    EXPECT_THAT(server_says(ended("c3", "cancelled")), IsEmpty());
    EXPECT_THAT(server_says(ended("c2", "hung_up")), ElementsAre(kHungupFrame));
}

// Both at once

TEST_F(ConversationCallsTest, GivesWayToACallWithASmallerIdThatComesLater) {
    call_out("c2");
    EXPECT_THAT(server_says(ring("c1")), ElementsAre(kHungupOfUnknown, offer_frame()));
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(3, "c2")));
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(4, "c1")));
}

TEST_F(ConversationCallsTest, GivesWayToACallWithASmallerIdThatCameBeforeItsOwnHadOne) {
    client_says(offer());
    EXPECT_THAT(server_says(ring("c1")), IsEmpty());
    EXPECT_THAT(server_says(placed(2, "c2")), ElementsAre(kHungupOfUnknown, offer_frame()));
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(3, "c2")));
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(4, "c1")));
}

TEST_F(ConversationCallsTest, GoesOnWithItsOwnCallWhenThatHasTheSmallerId) {
    call_out("c2");
    EXPECT_THAT(server_says(ring("c3")), IsEmpty());
    EXPECT_THAT(server_says(ended("c3", "cancelled")), IsEmpty());
    EXPECT_THAT(server_says(accepted("c2")), ElementsAre(answer_frame(), kPickupFrame));
    EXPECT_THAT(server_says(ended("c2", "hung_up")), ElementsAre(kHungupFrame));
}

TEST_F(ConversationCallsTest, IsCalledWhenItsOwnCallWithTheSmallerIdComesToNothing) {
    call_out("c2");
    EXPECT_THAT(server_says(ring("c3")), IsEmpty());
    EXPECT_THAT(server_says(ended("c2", "timeout")), ElementsAre(kHungupOfUnknown, offer_frame()));
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(3, "c3")));
}

TEST_F(ConversationCallsTest, IsCalledWhenItsOwnCallIsRefused) {
    client_says(offer());
    server_says(ring("c1"));
    EXPECT_THAT(server_says(refused(2, "rate_limited")),
                ElementsAre(kRefusedFrame, kHungupOfUnknown, offer_frame()));
}

TEST_F(ConversationCallsTest, RejectsTheOtherCallWithItsOwn) {
    call_out("c2");
    server_says(ring("c3"));
    EXPECT_THAT(client_says(kHungup), ElementsAre(hangup_command(3, "c3"), hangup_command(4, "c2")));
}

TEST_F(ConversationCallsTest, CallsWhoCallsIt) {
    server_says(ring("c3"));
    EXPECT_THAT(client_says(offer()), ElementsAre(call_command(2)));
    EXPECT_THAT(server_says(placed(2, "c2")), IsEmpty());
    EXPECT_THAT(server_says(ended("c3", "cancelled")), IsEmpty());
    EXPECT_THAT(server_says(accepted("c2")), ElementsAre(answer_frame(), kPickupFrame));
}

TEST_F(ConversationCallsTest, IsCalledAgainWhenItCalledWhoeverCallsItWithASmallerId) {
    server_says(ring("c1"));
    EXPECT_THAT(client_says(offer()), ElementsAre(call_command(2)));
    EXPECT_THAT(server_says(placed(2, "c2")), ElementsAre(kHungupFrame, offer_frame()));
    EXPECT_THAT(port_.take_commands(), ElementsAre(hangup_command(3, "c2")));
    EXPECT_THAT(client_says(kHungup), IsEmpty());
    EXPECT_THAT(client_says(answer()), ElementsAre(accept_command(4, "c1")));
}

// Negotiation in a call

TEST_F(ConversationCallsTest, NegotiatesAgain) {
    talk_as_caller();
    EXPECT_THAT(client_says(offer("more")),
                ElementsAre(signal_command(3, "c2", description_data("offer", "more"))));
    EXPECT_THAT(server_says(signal("c2", description_data("answer", "yes"))),
                ElementsAre(answer_frame("yes")));
    EXPECT_THAT(server_says(signal("c2", description_data("offer", "and this"))),
                ElementsAre(offer_frame("and this")));
    EXPECT_THAT(client_says(answer("fine")),
                ElementsAre(signal_command(4, "c2", description_data("answer", "fine"))));
}

// It fails at one.
TEST_F(ConversationCallsTest, GivesTheClientNoAnswerThatItDoesNotWaitFor) {
    talk_as_caller();
    EXPECT_THAT(server_says(signal("c2", description_data("answer", "once more"))), IsEmpty());
    EXPECT_THAT(client_says(answer("to nothing")), IsEmpty());
}

TEST_F(ConversationCallsTest, PassesOnNoSignalThatTheClientDoesNotKnow) {
    talk_as_caller();
    for (const char* data :
         {"null", "[]", "{}", R"({"description":{"type":"pranswer","sdp":"s"}})", R"({"candidate":"c"})",
          R"({"description":{"type":"rollback"}})", R"({"mine":1})"}) {
        EXPECT_THAT(server_says(signal("c2", data)), IsEmpty()) << data;
    }
    EXPECT_THAT(server_says(signal("of another call", candidate_data("1"))), IsEmpty());
}

// The one called by Pipit's SDK gives way, and the client would, too.
TEST_F(ConversationCallsTest, LetsTheOffersOfTheCallerWinWhenTheyCross) {
    talk_as_caller();
    client_says(offer("ours"));
    EXPECT_THAT(server_says(signal("c2", description_data("offer", "theirs"))), IsEmpty());
    EXPECT_THAT(server_says(signal("c2", description_data("answer", "to ours"))),
                ElementsAre(answer_frame("to ours")));
}

TEST_F(ConversationCallsTest, DropsAnOfferThatTheClientTakesBackOnItsWay) {
    talk_as_caller();
    EXPECT_THAT(server_says(signal("c2", description_data("offer", "theirs"))),
                ElementsAre(offer_frame("theirs")));
    EXPECT_THAT(client_says(offer("before it saw theirs")), IsEmpty());
    EXPECT_THAT(client_says(answer("to theirs")),
                ElementsAre(signal_command(3, "c2", description_data("answer", "to theirs"))));
    EXPECT_THAT(client_says(offer("anew")),
                ElementsAre(signal_command(4, "c2", description_data("offer", "anew"))));
}

TEST_F(ConversationCallsTest, GivesWayAsTheOneWhoWasCalled) {
    talk_as_callee();
    client_says(offer("ours"));
    EXPECT_THAT(server_says(signal("c2", description_data("offer", "theirs"))),
                ElementsAre(offer_frame("theirs")));
    EXPECT_THAT(client_says(answer("to theirs")),
                ElementsAre(signal_command(4, "c2", description_data("answer", "to theirs"))));
    EXPECT_THAT(server_says(signal("c2", description_data("answer", "to ours"))), IsEmpty());
}

}  // namespace
}  // namespace pipit::skapi
