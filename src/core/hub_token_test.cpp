#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

std::string refresh(const std::string& token) {
    return R"({"id":9,"op":"refresh","token":")" + token + "\"}";
}

class HubTokenTest : public HubTest {
 protected:
    /// Time passes and the client answers every ping, so that its silence closes nothing.
    void pass_heard(Peer& peer, base::Millis time) {
        for (; time > base::Millis(10'000); time -= base::Millis(10'000)) {
            pass(base::Millis(10'000));
            say(peer, "{}");
        }
        pass(time);
        if (!peer.closing) say(peer, "{}");
    }
    static std::vector<std::string> without_pings(std::vector<std::string> texts) {
        std::erase(texts, "{}");
        return texts;
    }
};

TEST_F(HubTokenTest, RefusesATokenOfAnotherUser) {
    Peer& ann = sign_in("ann");
    say(ann, refresh(token_of("bob")));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(9, ErrorReason::other_user)));
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubTokenTest, RefusesATokenThatHasRunOut) {
    Peer& ann = sign_in("ann");
    say(ann, refresh(token_of("ann", -60)));
    const std::string why = auth::TokenError{auth::TokenError::Reason::expired}.message();
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(9, ErrorReason::token_expired, why)));
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubTokenTest, RefusesWhatIsNoToken) {
    Peer& ann = sign_in("ann");
    say(ann, refresh("gibberish"));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("reason":"token_refused")")));
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubTokenTest, LeavesTheConnectionAsItWasWhenItRefuses) {
    Peer& ann = sign_in("ann", token_of("ann", 100));
    say(ann, refresh(token_of("bob", 5000)));
    pass_heard(ann, base::Millis(104'999));
    EXPECT_FALSE(ann.closing);
    pass(base::Millis(1));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
}

TEST_F(HubTokenTest, AsksForANewTokenHalfAMinuteBeforeTheEnd) {
    Peer& ann = sign_in("ann", token_of("ann", 100));
    pass_heard(ann, base::Millis(69'999));
    EXPECT_THAT(without_pings(ann.texts()), IsEmpty());
    pass(base::Millis(1));
    EXPECT_THAT(without_pings(ann.texts()), ElementsAre(R"({"ev":"token","expires_in_ms":30000})"));
    pass_heard(ann, base::Millis(34'999));
    EXPECT_THAT(without_pings(ann.texts()), IsEmpty());
    EXPECT_FALSE(ann.closing);
    pass(base::Millis(1));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
}

TEST_F(HubTokenTest, AsksAtOnceWhenATokenIsShort) {
    Peer& peer = open();
    say(peer, connect(token_of("ann", 20)));
    EXPECT_THAT(peer.texts(), ElementsAre(HasSubstr(R"("token_expires_in_ms":20000)"),
                                          R"({"ev":"token","expires_in_ms":20000})"));
}

TEST_F(HubTokenTest, EndsWhenTheLeewayIsOverByWhichTheTokenWasAccepted) {
    settings_.token_rules.claims.leeway_s = 7;
    Peer& peer = open();
    say(peer, connect(token_of("ann", -2)));
    EXPECT_THAT(peer.texts(),
                ElementsAre(HasSubstr(R"("token_expires_in_ms":0)"), R"({"ev":"token","expires_in_ms":0})"));
    pass(base::Millis(4'999));
    EXPECT_FALSE(peer.closing);
    pass(base::Millis(1));
    EXPECT_EQ(peer.close_reason(), CloseReason::token_expired);
}

TEST_F(HubTokenTest, LivesOnWithTheNewToken) {
    Peer& ann = sign_in("ann", token_of("ann", 100));
    pass_heard(ann, base::Millis(80'000));
    ann.texts();
    say(ann, refresh(token_of("ann", 200)));
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":9,"ok":{"token_expires_in_ms":120000}})"));
    pass_heard(ann, base::Millis(89'999));
    EXPECT_THAT(without_pings(ann.texts()), IsEmpty());
    pass(base::Millis(1));
    EXPECT_THAT(without_pings(ann.texts()), ElementsAre(R"({"ev":"token","expires_in_ms":30000})"));
    pass_heard(ann, base::Millis(35'000));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
}

TEST_F(HubTokenTest, RunsOutEarlierWhenTheNewTokenDoes) {
    Peer& ann = sign_in("ann", token_of("ann", 1000));
    say(ann, refresh(token_of("ann", 40)));
    pass_heard(ann, base::Millis(44'999));
    EXPECT_FALSE(ann.closing);
    pass(base::Millis(1));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
}

/// Ann is signed in and refreshes with a token whose key is not known any more.
class HubRefreshKeysTest : public HubTest {
 protected:
    Peer& sign_in_and_wait_for_keys() {
        Peer& ann = sign_in("ann", token_of("ann", 100));
        keys_arrive(no_keys(), true);
        say(ann, refresh(token_of("ann", 5000)));
        return ann;
    }
};

TEST_F(HubRefreshKeysTest, RefusesTheTokenWhenTheFetchedKeysHaveNone) {
    Peer& ann = sign_in_and_wait_for_keys();
    hub().effects().keys_wanted = false;
    keys_arrive(no_keys(), true);
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("reason":"token_refused")")));
    EXPECT_FALSE(hub().effects().keys_wanted);
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubRefreshKeysTest, IsUnavailableWhenTheKeysCannotBeHadAndTheConnectionStays) {
    Peer& ann = sign_in_and_wait_for_keys();
    keys_arrive(no_keys(), false);
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(9, ErrorReason::unavailable)));
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubRefreshKeysTest, AsksForTheKeysAndTakesTheTokenWhenTheyCome) {
    Peer& ann = sign_in_and_wait_for_keys();
    EXPECT_TRUE(hub().effects().keys_wanted);
    EXPECT_THAT(ann.texts(), IsEmpty());
    keys_arrive(test_keys(), false);
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":9,"ok":{"token_expires_in_ms":5000000}})"));
    keys_arrive(test_keys(), true);
    EXPECT_THAT(ann.texts(), IsEmpty());
}

TEST_F(HubRefreshKeysTest, LetsOnlyTheNewestWait) {
    Peer& ann = sign_in_and_wait_for_keys();
    say(ann, R"({"id":10,"op":"refresh","token":")" + token_of("ann", 50) + "\"}");
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(9, ErrorReason::unavailable)));
    keys_arrive(test_keys(), true);
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":10,"ok":{"token_expires_in_ms":50000}})"));
}

TEST_F(HubRefreshKeysTest, EndsWithTheTokenInForceThoughANewOneWaits) {
    settings_.ping_interval = base::Millis(200'000);
    Peer& ann = sign_in_and_wait_for_keys();
    pass(base::Millis(105'000));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
    ann.texts();
    keys_arrive(test_keys(), true);
    EXPECT_THAT(ann.texts(), IsEmpty());
}

TEST_F(HubRefreshKeysTest, ForgetsWhoLeftWhileItWaited) {
    lose(sign_in_and_wait_for_keys());
    Peer& in_its_place = open();
    keys_arrive(test_keys(), true);
    EXPECT_THAT(in_its_place.texts(), IsEmpty());
}

TEST_F(HubTokenTest, JoinsNoGroupThatTheTokenDoesNotAllow) {
    Peer& ann = sign_in("ann", token_of("ann", 3600, {{"tea*"}}));
    say(ann, R"({"id":2,"op":"join","group":"coffee"})"
             "\n"
             R"({"id":3,"op":"join","group":"tea room"})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(error_reply(2, ErrorReason::group_not_allowed), HasSubstr(R"("id":3,"ok")")));
}

TEST_F(HubTokenTest, StaysInItsGroupWhenItIsNotAllowedAnother) {
    Peer& ann = sign_in("ann", token_of("ann", 3600, {{"tea*"}}));
    join(ann, "tea room");
    say(ann, R"({"id":3,"op":"join","group":"coffee"})"
             "\n"
             R"({"id":4,"op":"post","to":"tea room"})");
    EXPECT_THAT(ann.texts(), testing::Contains(HasSubstr(R"({"id":4,"ok":{"epoch")")));
}

TEST_F(HubTokenTest, ObeysTheNewTokenAtOnceAndKeepsTheGroup) {
    Peer& ann = sign_in_to("coffee", "ann");
    say(ann, refresh(token_of("ann", 3600, {{"tea*"}})));
    ann.texts();
    say(ann, R"({"id":3,"op":"post","to":"coffee"})"
             "\n"
             R"({"id":4,"op":"join","group":"coffee house"})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(HasSubstr(R"("ev":"message","group":"coffee")"), HasSubstr(R"("id":3,"ok")"),
                            error_reply(4, ErrorReason::group_not_allowed)));
}

}  // namespace
}  // namespace pipit::core
