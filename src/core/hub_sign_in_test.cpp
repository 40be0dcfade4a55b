#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

using HubSignInTest = HubTest;

TEST_F(HubSignInTest, RefusesAnyOtherFirstCommandAndCloses) {
    Peer& peer = open();
    say(peer, R"({"id":5,"op":"leave"})"
              "\n"
              R"({"id":6,"op":"leave"})");
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(5, ErrorReason::not_signed_in)));
    EXPECT_EQ(peer.close_reason(), CloseReason::not_signed_in);
}

TEST_F(HubSignInTest, TakesAnUnknownFirstCommandForAnother) {
    Peer& peer = open();
    say(peer, R"({"id":5,"op":"dance"})");
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(5, ErrorReason::not_signed_in)));
    EXPECT_EQ(peer.close_reason(), CloseReason::not_signed_in);
}

TEST_F(HubSignInTest, ClosesOnWhatCannotBeAnsweredAndSaysWhy) {
    Peer& peer = open();
    say(peer, "hello");
    EXPECT_THAT(peer.texts(), IsEmpty());
    EXPECT_EQ(peer.close_reason(), CloseReason::bad_message);
    EXPECT_EQ(peer.closing->detail, "not a JSON object: expected an object at byte 0");
}

TEST_F(HubSignInTest, LetsASignInWithAWrongArgumentBeRepeated) {
    Peer& peer = open();
    say(peer, R"({"id":1,"op":"connect","token":7})");
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(1, ErrorReason::invalid_parameter,
                                                      "\"token\" must be a string, not a number.")));
    EXPECT_FALSE(peer.closing);
    say(peer, connect(token_of("ann")));
    EXPECT_THAT(peer.texts(), ElementsAre(HasSubstr(R"("user":"ann")")));
}

TEST_F(HubSignInTest, DoesNotTakeAHeartbeatForACommand) {
    Peer& peer = open();
    say(peer, "{}\n{}");
    EXPECT_THAT(peer.texts(), IsEmpty());
    EXPECT_FALSE(peer.closing);
}

TEST_F(HubSignInTest, RefusesAMissingToken) {
    Peer& peer = open();
    say(peer, R"({"id":1,"op":"connect"})");
    const std::string why = "\"token\" is missing: it belongs into \"connect\" or into the handshake.";
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(1, ErrorReason::token_refused, why)));
    EXPECT_EQ(peer.close_reason(), CloseReason::token_refused);
    EXPECT_EQ(peer.closing->detail, why);
}

TEST_F(HubSignInTest, RefusesATokenOfAnotherSecret) {
    Peer& peer = open();
    const auto secret = *auth::Secret::from_bytes("a secret of thirty-two bytes that is not ours");
    say(peer, connect(auth::sign_hs256(secret, {.user_id = "ann", .issued_at = kTestUnixTime})));
    const std::string why = auth::TokenError{auth::TokenError::Reason::bad_signature}.message();
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(1, ErrorReason::token_refused, why)));
    EXPECT_EQ(peer.close_reason(), CloseReason::token_refused);
    EXPECT_EQ(hub().user_count(), 0u);
}

TEST_F(HubSignInTest, RefusesATokenThatHasRunOutAndLetsTheClientComeBack) {
    Peer& peer = open();
    say(peer, connect(token_of("ann", -60)));
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(1, ErrorReason::token_expired)));
    EXPECT_EQ(peer.close_reason(), CloseReason::token_expired);
}

TEST_F(HubSignInTest, WelcomesWithAllThatAClientHasToKnow) {
    Peer& peer = open();
    say(peer, connect(token_of("ann", 3599)));
    const auto texts = peer.texts();
    ASSERT_THAT(texts, SizeIs(1));
    const std::string cid = texts[0].substr(texts[0].find("cid:"), 20);
    EXPECT_TRUE(Cid::parse(cid));
    const std::string epoch = texts[0].substr(texts[0].find(R"("epoch":")") + 9, 8);
    EXPECT_EQ(
        texts[0],
        R"({"id":1,"ok":{"user":"ann","cid":")" + cid +
            R"(","resumed":false,"server":"pipit/test","token_expires_in_ms":3599000,"ping_interval_ms":25000,)"
            R"("pong_timeout_ms":8000,"limits":{"message_bytes":65536,"commands_per_second":100,)"
            R"("commands_burst":200,"group_name_bytes":255,"user_id_bytes":255,)"
            R"("key_window_ms":300000},)"
            R"("stream":{"epoch":")" +
            epoch + R"(","offset":0}}})");
}

TEST_F(HubSignInTest, TakesTheTokenOfTheHandshakeUnlessConnectHasOne) {
    Peer& by_handshake = open(token_of("ann"));
    say(by_handshake, R"({"id":1,"op":"connect"})");
    EXPECT_THAT(by_handshake.texts(), ElementsAre(HasSubstr(R"("user":"ann")")));

    Peer& by_connect = open(token_of("ann"));
    say(by_connect, connect(token_of("bob")));
    EXPECT_THAT(by_connect.texts(), ElementsAre(HasSubstr(R"("user":"bob")")));
}

TEST_F(HubSignInTest, RefusesASecondConnect) {
    Peer& ann = sign_in("ann");
    say(ann, R"({"id":2,"op":"connect","token":"t"})");
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(2, ErrorReason::already_signed_in)));
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubSignInTest, RefusesMoreConnectionsOfAUserThanAllowed) {
    settings_.connections_per_user_max = 2;
    Peer& first = sign_in("ann");
    sign_in("ann");
    Peer& third = open();
    say(third, connect(token_of("ann")));
    EXPECT_THAT(third.texts(), ElementsAre(error_reply(1, ErrorReason::too_many_connections)));
    EXPECT_EQ(third.close_reason(), CloseReason::too_many_connections);
    lose(third);
    sign_in("bob");

    lose(first);
    sign_in("ann");
}

TEST_F(HubSignInTest, ClosesExactlyWhenTheTimeToSignInIsOver) {
    Peer& peer = open();
    pass(base::Millis(9'999));
    EXPECT_FALSE(peer.closing);
    pass(base::Millis(1));
    EXPECT_EQ(peer.close_reason(), CloseReason::sign_in_timeout);
}

TEST_F(HubSignInTest, DoesNotPutOffTheSignInForSignsOfLife) {
    Peer& peer = open();
    pass(base::Millis(9'000));
    say(peer, "{}");
    pass(base::Millis(1'000));
    EXPECT_EQ(peer.close_reason(), CloseReason::sign_in_timeout);
}

TEST_F(HubSignInTest, KeepsWhoHasSignedInInTime) {
    Peer& peer = open();
    pass(base::Millis(9'999));
    say(peer, connect(token_of("ann")));
    pass(base::Millis(1));
    EXPECT_FALSE(peer.closing);
}

TEST_F(HubSignInTest, AsksForKeysOfATokenThatNamesNoneItKnows) {
    keys_ = no_keys();
    Peer& peer = open();
    say(peer, connect(token_of("ann")));
    EXPECT_TRUE(hub().effects().keys_wanted);
    EXPECT_THAT(peer.texts(), IsEmpty());
    keys_arrive(test_keys(), true);
    EXPECT_THAT(peer.texts(), ElementsAre(HasSubstr(R"("user":"ann")")));
}

TEST_F(HubSignInTest, RefusesATokenWhoseKeyIsNotAmongTheFetched) {
    keys_ = no_keys();
    Peer& peer = open();
    say(peer, connect(token_of("ann")));
    hub().effects().keys_wanted = false;
    keys_arrive(no_keys(), true);
    EXPECT_FALSE(hub().effects().keys_wanted);
    EXPECT_EQ(peer.close_reason(), CloseReason::token_refused);
}

TEST_F(HubSignInTest, SendsAwayWhomItCannotCheckToComeBackLater) {
    keys_ = no_keys();
    Peer& peer = open();
    say(peer, connect(token_of("ann")));
    keys_arrive(no_keys(), false);
    EXPECT_THAT(peer.texts(), ElementsAre(error_reply(1, ErrorReason::unavailable)));
    EXPECT_EQ(peer.close_reason(), CloseReason::unavailable);
}

TEST_F(HubSignInTest, TriesTheKeysThatCameThoughOthersCouldNotBeHad) {
    keys_ = no_keys();
    Peer& peer = open();
    say(peer, connect(token_of("ann")));
    keys_arrive(test_keys(), false);
    EXPECT_THAT(peer.texts(), ElementsAre(HasSubstr(R"("user":"ann")")));
    EXPECT_FALSE(peer.closing);
}

TEST_F(HubSignInTest, ClosesWhoWaitsForKeysWhenTheTimeToSignInIsOver) {
    keys_ = no_keys();
    Peer& peer = open();
    say(peer, connect(token_of("ann")));
    pass(base::Millis(10'000));
    EXPECT_EQ(peer.close_reason(), CloseReason::sign_in_timeout);
    keys_arrive(test_keys(), true);
    EXPECT_THAT(peer.texts(), IsEmpty());
}

TEST_F(HubSignInTest, ForgetsWhoLeftWhileItWaitedForKeys) {
    keys_ = no_keys();
    Peer& gone = open();
    say(gone, connect(token_of("ann")));
    lose(gone);
    Peer& in_its_place = open();
    keys_arrive(test_keys(), true);
    EXPECT_THAT(in_its_place.texts(), IsEmpty());
    EXPECT_EQ(hub().user_count(), 0u);
}

TEST_F(HubSignInTest, ChecksLaterTokensWithTheNewKeys) {
    keys_ = no_keys();
    Peer& ann = open();
    say(ann, connect(token_of("ann")));
    keys_arrive(test_keys(), true);
    hub().effects().keys_wanted = false;
    sign_in("bob");
    EXPECT_FALSE(hub().effects().keys_wanted);
}

class HubHoldTest : public HubSignInTest {
 protected:
    HubHoldTest() { keys_ = no_keys(); }

    Peer& open_and_wait_for_keys(std::string_view behind_connect = {}) {
        Peer& peer = open();
        say(peer, connect(token_of("ann")) + std::string(behind_connect));
        return peer;
    }
};

TEST_F(HubHoldTest, CarriesOutWhatWasSentBehindConnectInOrder) {
    Peer& peer = open_and_wait_for_keys("\n{\"id\":2,\"op\":\"join\",\"group\":\"g\"}");
    say(peer,
        "{}\n"
        R"({"id":3,"op":"post","to":"g","data":"hi"})"
        "\n"
        R"({"id":4,"op":"leave"})");
    EXPECT_THAT(peer.texts(), IsEmpty());
    keys_arrive(test_keys(), true);
    EXPECT_THAT(peer.texts(), ElementsAre(HasSubstr(R"("id":1,"ok")"), HasSubstr(R"("id":2,"ok")"),
                                          HasSubstr(R"("data":"hi")"), HasSubstr(R"("id":3,"ok")"),
                                          HasSubstr(R"("id":4,"ok")")));
}

TEST_F(HubHoldTest, CarriesOutNothingBehindWhatCannotBeAnswered) {
    Peer& peer = open_and_wait_for_keys("\n\n{\"id\":2,\"op\":\"join\",\"group\":\"g\"}");
    keys_arrive(test_keys(), true);
    EXPECT_THAT(peer.texts(), SizeIs(1));
    EXPECT_EQ(peer.close_reason(), CloseReason::bad_message);
    EXPECT_EQ(hub().group_count(), 0u);
}

TEST_F(HubHoldTest, CarriesOutNothingForWhoIsRefused) {
    Peer& peer = open_and_wait_for_keys("\n{\"id\":2,\"op\":\"leave\"}");
    keys_arrive(no_keys(), true);
    EXPECT_THAT(peer.texts(), ElementsAre(HasSubstr(R"("id":1,"error")")));
}

TEST_F(HubHoldTest, HoldsNoMoreThanAMessageMayHave) {
    settings_.message_bytes_max = 1000;
    Peer& peer = open_and_wait_for_keys();
    say(peer, std::string(999, 'x'));
    EXPECT_FALSE(peer.closing);
    say(peer, "x");
    EXPECT_EQ(peer.close_reason(), CloseReason::message_too_big);
}

// Lines without anything in them took 32 bytes each and counted as none.
TEST_F(HubHoldTest, CountsEmptyLinesToo) {
    settings_.message_bytes_max = 1000;
    Peer& peer = open_and_wait_for_keys();
    say(peer, std::string(999, '\n'));
    EXPECT_FALSE(peer.closing);
    say(peer, "");
    EXPECT_EQ(peer.close_reason(), CloseReason::message_too_big);
}

}  // namespace
}  // namespace pipit::core
