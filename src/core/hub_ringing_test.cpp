#include "core/testing/hub_calls_fixture.hpp"

namespace pipit::core {
namespace {

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
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended_event(call_, "answered_elsewhere")));
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
    EXPECT_THAT(texts_of(*phone_), ElementsAre(ended_event(call_, "rejected")));
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended_event(call_, "rejected")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, EndsForAllWhenTheCallerTakesItBack) {
    begin();
    command(*ann_, "hangup", call_);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(kOk));
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended_event(call_, "cancelled")));
    EXPECT_THAT(texts_of(*phone_), ElementsAre(ended_event(call_, "cancelled")));
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
        EXPECT_THAT(texts_of(*peer), ElementsAre(ended_event(call_, "timeout")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, EndsWhenTheCallersConnectionIsLost) {
    begin();
    lose(*ann_);
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended_event(call_, "lost")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, IsCancelledWhenTheCallerSaysGoodbye) {
    begin();
    client_closes(*ann_, 1000);
    EXPECT_THAT(texts_of(*phone_), testing::Contains(ended_event(call_, "cancelled")));
}

TEST_F(HubRingingTest, GoesOnElsewhereWhenADeviceIsClosed) {
    begin();
    client_closes(*desk_, 1000);
    turn([&] { hub().close(*phone_->session, codec::CloseReason::bad_message); });
    EXPECT_THAT(texts_of(*phone_), IsEmpty());
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended_event(call_, "unreachable")));
}

TEST_F(HubRingingTest, GoesOnUntilTheLastDeviceIsLost) {
    begin();
    lose(*desk_);
    EXPECT_THAT(texts_of(*ann_), IsEmpty());
    lose(*phone_);
    EXPECT_THAT(texts_of(*ann_), ElementsAre(ended_event(call_, "unreachable")));
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubRingingTest, HasRoomForNewCallsWhenAllIsOver) {
    settings_.calls_per_connection_max = 1;
    begin();
    command(*desk_, "hangup", call_);
    ann_->texts();
    call(*ann_, to_cid(*desk_));
}

TEST_F(HubRingingTest, KeepsWhatTheCallerSaysForTheOneThatAccepts) {
    begin();
    command(*ann_, "signal", call_, "1");
    command(*ann_, "signal", call_, R"({"two":2})");
    EXPECT_THAT(texts_of(*ann_), ElementsAre(kOk, kOk));
    EXPECT_THAT(texts_of(*desk_), IsEmpty());
    command(*phone_, "accept", call_);
    EXPECT_THAT(texts_of(*phone_), ElementsAre(HasSubstr("ticket"), signal_event(call_, "1"),
                                               signal_event(call_, R"({"two":2})")));
    EXPECT_THAT(texts_of(*desk_), ElementsAre(ended_event(call_, "answered_elsewhere")));
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

}  // namespace
}  // namespace pipit::core
