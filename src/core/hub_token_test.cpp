#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

using codec::CloseReason;
using codec::ErrorReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
    pass_heard(ann, base::Millis(99'999));
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
    pass_heard(ann, base::Millis(29'999));
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
    pass_heard(ann, base::Millis(30'000));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
}

TEST_F(HubTokenTest, RunsOutEarlierWhenTheNewTokenDoes) {
    Peer& ann = sign_in("ann", token_of("ann", 1000));
    say(ann, refresh(token_of("ann", 40)));
    pass_heard(ann, base::Millis(39'999));
    EXPECT_FALSE(ann.closing);
    pass(base::Millis(1));
    EXPECT_EQ(ann.close_reason(), CloseReason::token_expired);
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
