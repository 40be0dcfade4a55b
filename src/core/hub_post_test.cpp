#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

std::string post(const std::string& to, const std::string& data = R"("hi")") {
    return R"({"id":3,"op":"post","to":)" + to + R"(,"data":)" + data + "}";
}
std::string sender(const Peer& peer) {
    return R"(,"user":")" + peer.user + R"(","cid":")" + peer.cid + "\"";
}

class HubPostTest : public HubTest {
 protected:
    static std::string placed(const std::string& epoch, int offset) {
        return R"({"id":3,"ok":{"epoch":")" + epoch + R"(","offset":)" + std::to_string(offset) + "}}";
    }
    static std::string message(int offset, const Peer& from, const std::string& data) {
        return R"({"ev":"message","group":"tea room","offset":)" + std::to_string(offset) + sender(from) +
               R"(,"data":)" + data + "}";
    }
    static std::string to_connection(const Peer& from, const std::string& data) {
        return R"({"ev":"private")" + sender(from) + R"(,"data":)" + data + "}";
    }
    static constexpr const char* kNoPlace = R"({"id":3,"ok":{}})";
};

TEST_F(HubPostTest, RefusesABareRecipientThatIsNeitherTheGroupNorAUserId) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, post(R"("coffee house")"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
}

TEST_F(HubPostTest, RefusesAGroupThatItIsNotInAlsoWhenTheNameHasTheFormOfAUserId) {
    Peer& ann = sign_in("ann");
    say(ann, post(R"({"group":"user-7"})"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
}

TEST_F(HubPostTest, RefusesAGroupThatWasLeft) {
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("tea room", "bob");
    say(ann, R"({"id":2,"op":"leave"})");
    ann.texts();
    say(ann, post(R"("tea room")"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
}

TEST_F(HubPostTest, GivesAGroupsMessageItsPlaceAndSendsItToAllMembersTheSenderIncluded) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& eve = sign_in_to("coffee house", "eve");
    ann.texts();
    say(ann, post(R"("tea room")"));
    EXPECT_THAT(bob.texts(), ElementsAre(message(2, ann, R"("hi")")));
    EXPECT_THAT(ann.texts(), ElementsAre(message(2, ann, R"("hi")"), placed(ann.epoch, 2)));
    say(bob, post(R"({"group":"tea room"})"));
    EXPECT_THAT(bob.texts(), ElementsAre(message(3, bob, R"("hi")"), placed(ann.epoch, 3)));
    EXPECT_THAT(eve.texts(), IsEmpty());
}

TEST_F(HubPostTest, DeliversDataByteForByte) {
    Peer& ann = sign_in_to("tea room", "ann");
    for (const char* data :
         {R"([ 1.0 ,"\u0061\/", {"a":1,"a":2} ])", "0", "null", R"("\ud83c")", "-0.5e99"}) {
        say(ann, post(R"("tea room")", data));
        EXPECT_THAT(ann.texts(), testing::Contains(HasSubstr(",\"data\":" + std::string(data) + "}")))
            << data;
    }
}

TEST_F(HubPostTest, DeliversNullForDataThatWasLeftOut) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, R"({"id":3,"op":"post","to":"tea room"})");
    EXPECT_THAT(ann.texts(), testing::Contains(message(1, ann, "null")));
}

TEST_F(HubPostTest, SendsTwoMessagesOfOneTurnInTheirOrder) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    say(ann, post(R"("tea room")", "1") + "\n" + post(R"("tea room")", "2"));
    EXPECT_THAT(bob.texts(), ElementsAre(message(2, ann, "1"), message(3, ann, "2")));
}

TEST_F(HubPostTest, TakesABareRecipientForTheGroupFirstAndThenForAUser) {
    Peer& ann = sign_in_to("user-7", "ann");
    Peer& seven = sign_in("user-7");
    say(ann, post(R"("user-7")"));
    EXPECT_THAT(seven.texts(), IsEmpty());
    say(ann, R"({"id":2,"op":"leave"})");
    ann.texts();
    say(ann, post(R"("user-7")"));
    EXPECT_THAT(seven.texts(), ElementsAre(HasSubstr(R"({"ev":"private","offset":1,"user":"ann")")));
}

TEST_F(HubPostTest, SendsToEveryConnectionOfAUserUnderOneOffset) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    Peer& bobs_other = sign_in_to("tea room", "bob");
    for (int offset = 1; offset <= 2; ++offset) {
        say(ann, post(R"({"user":"bob"})"));
        const std::string event =
            R"({"ev":"private","offset":)" + std::to_string(offset) + sender(ann) + R"(,"data":"hi"})";
        EXPECT_THAT(bob.texts(), ElementsAre(event));
        EXPECT_THAT(bobs_other.texts(), ElementsAre(event));
        const auto replies = ann.client.take_objects();
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].at("ok").at("offset"), offset);
        EXPECT_EQ(replies[0].at("ok").at("epoch").as_string().size(), 8u);
    }
}

TEST_F(HubPostTest, AcceptsWhatIsForAUserWithoutConnection) {
    keep_nothing();
    Peer& ann = sign_in("ann");
    say(ann, post(R"({"user":"bob"})"));
    EXPECT_THAT(ann.texts(), ElementsAre(kNoPlace));
    lose(sign_in("bob"));
    say(ann, post(R"({"user":"bob"})"));
    EXPECT_THAT(ann.texts(), ElementsAre(kNoPlace));
}

TEST_F(HubPostTest, SendsToOneConnectionOnly) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    Peer& bobs_other = sign_in("bob");
    say(ann, post(R"({"cid":")" + bob.cid + "\"}"));
    EXPECT_THAT(bob.texts(), ElementsAre(to_connection(ann, R"("hi")")));
    EXPECT_THAT(bobs_other.texts(), IsEmpty());
    EXPECT_THAT(ann.texts(), ElementsAre(kNoPlace));
}

TEST_F(HubPostTest, FindsNoConnectionThatIsUnknownOrGone) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    lose(bob);
    for (const std::string& cid : {bob.cid, std::string("cid:9fK2Zr0aQw_XcV1B")}) {
        say(ann, post(R"({"cid":")" + cid + "\"}"));
        EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::recipient_not_found)));
    }
}

TEST_F(HubPostTest, FindsNoConnectionThatIsClosing) {
    keep_nothing();
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    turn([&] { hub().close(*bob.session, codec::CloseReason::slow_consumer); });
    say(ann, post(R"({"cid":")" + bob.cid + "\"}") + "\n" + post(R"({"user":"bob"})"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::recipient_not_found), kNoPlace));
    EXPECT_THAT(bob.texts(), IsEmpty());
}

TEST_F(HubPostTest, RefusesWhatHasNotTheFormOfAConnectionId) {
    Peer& ann = sign_in("ann");
    say(ann, post(R"({"cid":"9fK2Zr0aQw_XcV1B"})"));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("reason":"invalid_parameter")")));
}

TEST_F(HubPostTest, CompressesForThoseWhoAgreedWhenItIsWorthIt) {
    settings_.encoder.deflate_message_bytes_min = 100;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob", true);
    ann.texts();
    const std::string repetitive = "\"" + std::string(5000, 'x') + "\"";
    const std::string recipients[] = {R"("tea room")", R"({"user":"bob"})", R"({"cid":")" + bob.cid + "\"}"};
    for (const std::string& to : recipients) {
        bob.client.bytes_per_flush = 0;
        say(ann, post(to, repetitive));
        EXPECT_LT(bob.client.outbox.bytes(), 300u) << to;
        bob.client.take(SIZE_MAX);
        EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr(repetitive))) << to;
    }
    EXPECT_THAT(ann.texts(), testing::Contains(message(2, ann, repetitive)));
}

TEST_F(HubPostTest, CompressesAsLongAsAnyMemberTakesIt) {
    settings_.encoder.deflate_message_bytes_min = 100;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob", true);
    lose(sign_in_to("tea room", "eve", true));
    bob.texts();
    bob.client.bytes_per_flush = 0;
    say(ann, post(R"("tea room")", "\"" + std::string(5000, 'x') + "\""));
    EXPECT_GT(bob.client.outbox.bytes(), 0u);
    EXPECT_LT(bob.client.outbox.bytes(), 300u);
}

}  // namespace
}  // namespace pipit::core
