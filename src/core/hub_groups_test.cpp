#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

const std::string kLeft = R"({"id":8,"ok":{"group":null,"message":"Left realtime message group."}})";

std::string joined(std::uint64_t id, const std::string& group, const std::string& epoch,
                   std::uint64_t offset) {
    std::string json;
    codec::v1::append_joined(json, id, group, {epoch, offset});
    return json;
}

class HubGroupsTest : public HubTest {
 protected:
    static std::string notice(std::uint64_t offset, const std::string& code, const Peer& about,
                              const std::string& text) {
        return R"({"ev":"notice","group":"tea room","offset":)" + std::to_string(offset) + R"(,"code":")" +
               code + R"(","user":")" + about.user + R"(","cid":")" + about.cid + R"(","message":")" + text +
               "\"}";
    }
    void leave(Peer& peer) { say(peer, R"({"id":8,"op":"leave"})"); }
};

TEST_F(HubGroupsTest, LeavesWithoutAGroup) {
    Peer& ann = sign_in("ann");
    leave(ann);
    EXPECT_THAT(ann.texts(), ElementsAre(kLeft));
}

TEST_F(HubGroupsTest, AnswersAJoinWithItsPosition) {
    Peer& ann = sign_in("ann");
    say(ann, R"({"id":2,"op":"join","group":"tea \"room\""})");
    const auto reply = ann.client.take_objects().at(0).at("ok").as_object();
    EXPECT_EQ(reply.at("group"), "tea \"room\"");
    EXPECT_EQ(reply.at("message"), "Joined realtime message group: \"tea \"room\"\".");
    EXPECT_EQ(reply.at("epoch").as_string().size(), 8u);
    EXPECT_EQ(reply.at("offset"), 0);
}

TEST_F(HubGroupsTest, TellsTheOthersWhoJoinedAndNotTheNewcomer) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in("bob");
    say(bob, R"({"id":2,"op":"join","group":"tea room"})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(notice(1, "USER_JOINED", bob, R"(User \"bob\" has joined the message group.)")));
    EXPECT_THAT(bob.texts(), ElementsAre(joined(2, "tea room", ann.epoch, 1)));
}

TEST_F(HubGroupsTest, TellsTheOthersWhoLeftAndNotTheOneWhoDid) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    leave(bob);
    EXPECT_THAT(ann.texts(),
                ElementsAre(notice(2, "USER_LEFT", bob, R"(User \"bob\" has left the message group.)")));
    EXPECT_THAT(bob.texts(), ElementsAre(kLeft));
}

TEST_F(HubGroupsTest, TellsTheOthersWhoWasLost) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    lose(bob);
    EXPECT_THAT(
        ann.texts(),
        ElementsAre(notice(2, "USER_DISCONNECTED", bob,
                           R"(User \"bob\" has been disconnected. The user has left the message group.)")));
}

TEST_F(HubGroupsTest, TellsOnceWhoWasClosedAndThenLost) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    turn([&] { hub().close(*bob.session, codec::CloseReason::slow_consumer); });
    lose(bob);
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr("USER_DISCONNECTED")));
}

TEST_F(HubGroupsTest, TellsOfEveryConnectionOfAUser) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& second = sign_in_to("tea room", "ann");
    Peer& third = sign_in_to("tea room", "ann");
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(second.cid), HasSubstr(third.cid)));
    EXPECT_THAT(second.texts(), ElementsAre(HasSubstr(third.cid)));
}

TEST_F(HubGroupsTest, LeavesTheFirstGroupForTheSecond) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    join(bob, "coffee house");
    say(ann, R"({"id":3,"op":"post","to":"tea room"})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(notice(2, "USER_LEFT", bob, R"(User \"bob\" has left the message group.)"),
                            HasSubstr(R"("ev":"message")"), HasSubstr(R"("offset":3)")));
    EXPECT_THAT(bob.texts(), IsEmpty());
}

TEST_F(HubGroupsTest, AnswersAMemberThatJoinsAgainAndTellsNobody) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    say(bob, R"({"id":5,"op":"join","group":"tea room"})");
    EXPECT_THAT(bob.texts(), ElementsAre(joined(5, "tea room", ann.epoch, 1)));
    EXPECT_THAT(ann.texts(), IsEmpty());
}

// The range that grows with the turn stood before the answer, and so did events that came after it.
TEST_F(HubGroupsTest, AnswersAMemberThatJoinsAgainAtItsPosition) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, R"({"id":3,"op":"post","to":"tea room"})"
             "\n"
             R"({"id":5,"op":"join","group":"tea room"})"
             "\n"
             R"({"id":6,"op":"post","to":"tea room"})");
    const auto objects = ann.client.take_objects();
    ASSERT_EQ(objects.size(), 5u);
    EXPECT_EQ(objects[0].at("offset"), 1);
    EXPECT_EQ(objects[1].at("id"), 3);
    EXPECT_EQ(objects[2].at("ok").at("offset"), 1);
    EXPECT_EQ(objects[3].at("offset"), 2);
    EXPECT_EQ(objects[4].at("id"), 6);
}

TEST_F(HubGroupsTest, BeginsAnotherEpochWhenAGroupComesBackOfWhichNothingWasKept) {
    keep_nothing();
    Peer& ann = sign_in_to("tea room", "ann");
    const std::string before = ann.epoch;
    say(ann, R"({"id":3,"op":"post","to":"tea room"})");
    leave(ann);
    EXPECT_EQ(hub().group_count(), 0u);
    ann.texts();
    say(ann, R"({"id":2,"op":"join","group":"tea room"})");
    const auto reply = ann.client.take_objects().at(0).at("ok").as_object();
    EXPECT_NE(reply.at("epoch").as_string(), before);
    EXPECT_EQ(reply.at("offset"), 0);
}

TEST_F(HubGroupsTest, HasNothingLeftWhenEverybodyIsGone) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    EXPECT_EQ(hub().group_count(), 2u);
    EXPECT_EQ(hub().user_count(), 2u);
    EXPECT_EQ(hub().cid_count(), 2u);
    lose(ann);
    lose(bob);
    EXPECT_EQ(hub().session_count(), 0u);
    EXPECT_EQ(hub().group_count(), 0u);
    EXPECT_EQ(hub().user_count(), 0u);
    EXPECT_EQ(hub().cid_count(), 0u);
}

class HubDrainTest : public HubGroupsTest {};

TEST_F(HubDrainTest, TellsWhenToComeBackAndCloses) {
    settings_.drain_spread = base::Millis(100);
    Peer& ann = sign_in("ann");
    Peer& nobody = open();
    turn([&] { EXPECT_EQ(hub().drain(10), 2u); });
    for (Peer* peer : {&ann, &nobody}) {
        const auto objects = peer->client.take_objects();
        ASSERT_EQ(objects.size(), 1u);
        EXPECT_EQ(objects[0].at("ev"), "drain");
        EXPECT_LE(objects[0].at("reconnect_in_ms").to_number<std::uint64_t>(), 100u);
        EXPECT_EQ(peer->close_reason(), codec::CloseReason::draining);
    }
}

TEST_F(HubDrainTest, SendsAwayAsManyAsItIsAskedToAndNobodyTwice) {
    for (int i = 0; i < 5; ++i)
        sign_in("ann");
    turn([&] {
        EXPECT_EQ(hub().drain(2), 2u);
        EXPECT_EQ(hub().drain(2), 2u);
        EXPECT_EQ(hub().drain(2), 1u);
        EXPECT_EQ(hub().drain(2), 0u);
    });
}

TEST_F(HubDrainTest, TellsNobodyOfThoseWhoAreSentAway) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    turn([&] { hub().begin_drain(); });
    lose(bob);
    EXPECT_THAT(ann.texts(), IsEmpty());
    say(ann, R"({"id":3,"op":"post","to":"tea room"})");
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("offset":2)"), HasSubstr(R"("id":3,"ok")")));
}

}  // namespace
}  // namespace pipit::core
