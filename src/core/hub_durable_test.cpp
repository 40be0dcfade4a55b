// Groups whose history is kept on disk: what is asked of whoever keeps it, and what is done when it answers.

#include "core/testing/hub_durable_fixture.hpp"

namespace pipit::core {
namespace {

// Opening

TEST_F(HubDurableTest, LetsNobodyInBeforeTheLogIsOpen) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    say(ann, post("1"));
    EXPECT_THAT(ann.texts(), IsEmpty());
    const auto open = only_asked<OpenLog>();
    EXPECT_EQ(*open.group, "ledger");
    EXPECT_EQ(open.records_max, settings_.history.of_group.events_max);
    opened({.epoch = "e", .offset = 7, .first = 8});
    EXPECT_THAT(ann.texts(), ElementsAre(joined(R"("epoch":"e","offset":7)")));
    const auto commands = asked();
    ASSERT_THAT(commands, SizeIs(2));
    EXPECT_EQ(std::get<AppendToLog>(commands[0]).record.kind, LogRecord::Kind::user_joined);
    EXPECT_EQ(std::get<AppendToLog>(commands[1]).record.data, "1");
}

TEST_F(HubDurableTest, AsksNothingForOtherGroups) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, R"({"id":3,"op":"post","to":"tea room"})");
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, OpensNoLogForWhoIsNotThere) {
    Peer& ann = sign_in("ann");
    say(ann, R"({"id":3,"op":"history","group":"ledger"})");
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, RefusesEverythingThatWaitsForALogThatCannotBeOpened) {
    Peer& ann = sign_in("ann");
    say(ann, std::string(kJoin) + "\n" + post("1") + "\n" + R"({"id":4,"op":"history"})" + "\n" +
                 R"({"id":5,"op":"leave"})");
    asked();
    opened({.trouble = LogTrouble::unavailable});
    EXPECT_THAT(ann.texts(),
                ElementsAre(error_reply(2, ErrorReason::history_unavailable),
                            error_reply(3, ErrorReason::history_unavailable),
                            error_reply(4, ErrorReason::history_unavailable), HasSubstr(R"("group":null)")));
    say(ann, kJoin);
    only_asked<OpenLog>();
    opened({.epoch = "e"});
    EXPECT_THAT(ann.texts(), ElementsAre(joined(R"("epoch":"e","offset":0)")));
}

TEST_F(HubDurableTest, LeavesWhoIsRefusedInNoGroup) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    ann.texts();
    say(ann, kJoin);
    EXPECT_THAT(bob.texts(), ElementsAre(HasSubstr("USER_LEFT")));
    asked();
    opened({.trouble = LogTrouble::unavailable});
    EXPECT_THAT(ann.texts(), ElementsAre(join_refused(ErrorReason::history_unavailable)));
    say(ann, post("1"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
    say(ann, R"({"id":5,"op":"history"})");
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(5, ErrorReason::no_group)));
    say(bob, R"({"id":3,"op":"post","to":"tea room","data":"missed"})");
    say(ann,
        R"({"id":2,"op":"join","group":"tea room","since":{"epoch":")" + ann.epoch + R"(","offset":1}})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(HasSubstr(R"("recovered":true,"replayed":3)"), HasSubstr("USER_LEFT"),
                            HasSubstr("missed"), HasSubstr("USER_JOINED")));
}

TEST_F(HubDurableTest, LeavesWhoIsRefusedLateInTheGroupItIsInByThen) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    join(ann, "tea room");
    asked();
    opened({.trouble = LogTrouble::unavailable});
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(2, ErrorReason::history_unavailable)));
    say(ann, R"({"id":3,"op":"post","to":"tea room"})");
    EXPECT_THAT(ann.texts(), SizeIs(2)) << "the event and the answer";
}

TEST_F(HubDurableTest, SaysWithTheLastRefusalOnlyThatNoGroupIsLeft) {
    Peer& ann = sign_in("ann");
    say(ann, join_since("e", 2) + "\n" + kJoin);
    asked();
    log_congested_ = true;
    opened({.epoch = "e", .offset = 7, .first = 1});
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(2, ErrorReason::unavailable),
                                         join_refused(ErrorReason::unavailable)));
    log_congested_ = false;
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = 7, .first = 1});
    EXPECT_THAT(ann.texts(), ElementsAre(joined(R"("epoch":"e","offset":7)")));
}

TEST_F(HubDurableTest, DoesNotLetTooMuchWaitForALog) {
    Peer& ann = sign_in("ann");
    settings_.rate = {.per_second = 1'000'000, .burst = 1'000'000};
    say(ann, kJoin);
    turn([&] {
        for (std::size_t i = 0; i < GroupLog::kCommandsMax + 1; ++i)
            hub().handle(PostToGroup{ann.session->caller(), 3, "ledger", "1"});
    });
    const auto refused = ann.texts();
    EXPECT_THAT(refused, SizeIs(2)) << "the join waits, too";
    EXPECT_EQ(refused.at(0), error_reply(3, ErrorReason::unavailable));
}

TEST_F(HubDurableTest, DoesNotLetTooManyBytesWaitForALog) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    const std::string data(1 << 20, '1');
    turn([&] {
        for (std::size_t bytes = 0; bytes < GroupLog::kWaitingBytesMax; bytes += data.size())
            hub().handle(PostToGroup{ann.session->caller(), 3, "ledger", data});
    });
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::unavailable)));
    asked();
    opened({.epoch = "e"});
    EXPECT_THAT(asked(), SizeIs(GroupLog::kWaitingBytesMax / data.size())) << "a notice and the posts";
}

TEST_F(HubDurableTest, LetsNobodyWaitForALogWhileTooMuchWaitsThere) {
    Peer& ann = sign_in("ann");
    log_congested_ = true;
    say(ann, std::string(kJoin) + "\n" + R"({"id":4,"op":"leave"})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(join_refused(ErrorReason::unavailable), HasSubstr(R"("ok":{"group":null)")));
    EXPECT_THAT(asked(), IsEmpty());
    log_congested_ = false;
    first_member("bob");
    log_congested_ = true;
    say(ann, kJoin);
    EXPECT_THAT(ann.texts(), ElementsAre(join_refused(ErrorReason::unavailable)));
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, SaysThatALogCannotBeOpenedForWantOfRoom) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.trouble = LogTrouble::full});
    EXPECT_THAT(ann.texts(), ElementsAre(join_refused(ErrorReason::history_full)));
}

TEST_F(HubDurableTest, DoesNotCareWhatBecomesOfAnEarlierOpening) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    const std::uint64_t first = last_opening_;
    opened({.trouble = LogTrouble::unavailable});
    ann.texts();
    say(ann, kJoin);
    asked();
    ASSERT_NE(last_opening_, first);
    opened({.number = first, .trouble = LogTrouble::damaged});
    opened({.number = first, .epoch = "d", .offset = 3, .first = 4});
    EXPECT_THAT(ann.texts(), IsEmpty());
    opened({.epoch = "e"});
    EXPECT_THAT(ann.texts(), ElementsAre(joined(R"("epoch":"e","offset":0)")));
    opened({.number = first, .trouble = LogTrouble::damaged});
    EXPECT_FALSE(ann.closing);
    written(1, 1);
    EXPECT_THAT(ann.texts(), SizeIs(1));
}

// Writing

TEST_F(HubDurableTest, SendsAndAnswersAPostWhenItIsOnDisk) {
    Peer& ann = first_member("ann");
    say(ann, post("\"hi\""));
    EXPECT_THAT(ann.texts(), IsEmpty());
    const auto append = only_asked<AppendToLog>();
    EXPECT_EQ(*append.record.user, "ann");
    EXPECT_EQ(append.record.cid.text(), ann.cid);
    EXPECT_EQ(append.record.data, "\"hi\"");
    written(1, 2);
    EXPECT_THAT(ann.texts(),
                ElementsAre(R"({"ev":"message","group":"ledger","offset":2,"user":"ann","cid":")" + ann.cid +
                                R"(","data":"hi"})",
                            kPlaced));
}

TEST_F(HubDurableTest, SendsTheNoticeOfAMemberAlsoToItself) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e"});
    EXPECT_THAT(ann.texts(), ElementsAre(joined(R"("epoch":"e","offset":0)")));
    written(1, 1);
    EXPECT_THAT(ann.texts(),
                ElementsAre(testing::AllOf(HasSubstr("USER_JOINED"), HasSubstr(R"("offset":1)"))));
}

TEST_F(HubDurableTest, AnswersManyThatAreOneCommit) {
    Peer& ann = first_member("ann");
    say(ann, post("1") + "\n" + post("2") + "\n" + post("3"));
    EXPECT_THAT(asked(), SizeIs(3));
    written(2, 2);
    EXPECT_THAT(ann.texts(), SizeIs(4));
    written(1, 4);
    EXPECT_THAT(ann.texts(),
                ElementsAre(HasSubstr(R"("offset":4,)"), R"({"id":3,"ok":{"epoch":"e","offset":4}})"));
}

TEST_F(HubDurableTest, RefusesAPostThatCannotBeWrittenAndGoesOn) {
    Peer& ann = first_member("ann");
    for (const auto& [trouble, reason] :
         {std::pair(LogTrouble::full, ErrorReason::history_full),
          std::pair(LogTrouble::unavailable, ErrorReason::history_unavailable),
          std::pair(LogTrouble::damaged, ErrorReason::history_unavailable)}) {
        say(ann, post("1", "k"));
        not_written(trouble);
        EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, reason)));
    }
    asked();
    say(ann, post("1", "k"));
    only_asked<AppendToLog>();
    written(1, 2);
    EXPECT_THAT(ann.texts(), SizeIs(2)) << "what was refused was not remembered";
}

TEST_F(HubDurableTest, RefusesPostsWhileTooMuchWaitsThere) {
    Peer& ann = first_member("ann");
    log_congested_ = true;
    say(ann, post("1"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::unavailable)));
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, WritesOnceWhatIsSentAgainMeanwhile) {
    Peer& ann = first_member("ann");
    say(ann, post("1", "k") + "\n" + post("1", "k") + "\n" + post("2", "l"));
    EXPECT_THAT(asked(), SizeIs(2));
    written(2, 2);
    EXPECT_THAT(ann.texts(),
                UnorderedElementsAre(HasSubstr(R"("data":1)"), kPlaced, kPlaced, HasSubstr(R"("data":2)"),
                                     R"({"id":3,"ok":{"epoch":"e","offset":3}})"));
    say(ann, post("1", "k"));
    EXPECT_THAT(ann.texts(), ElementsAre(kPlaced));
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, AnswersAPostOfWhoHasLeftMeanwhile) {
    Peer& ann = first_member("ann");
    say(ann, post("1") + "\n" + R"({"id":4,"op":"leave"})");
    EXPECT_EQ(hub().group_count(), 0u);
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("group":null)")));
    written(2, 2);
    EXPECT_THAT(ann.texts(), ElementsAre(kPlaced));
}

TEST_F(HubDurableTest, NotifiesWhenItIsOnDisk) {
    settings_.push = true;
    Peer& ann = first_member("ann");
    Peer& bob = sign_in("bob");
    say(bob, kJoin);
    say(ann, R"({"id":3,"op":"post","to":"ledger","notification":{"title":"Tea","body":"Now."}})");
    EXPECT_THAT(hub().effects().push, IsEmpty());
    written(2, 2);
    EXPECT_THAT(hub().effects().push, SizeIs(1));
}

// Damage

TEST_F(HubDurableTest, TellsThatWhatWasBeforeIsDamaged) {
    Peer& ann = sign_in("ann");
    say(ann, join_since("before", 3));
    asked();
    opened({.trouble = LogTrouble::damaged, .epoch = "e"});
    EXPECT_THAT(ann.texts(),
                ElementsAre(joined(R"("epoch":"e","offset":0,"recovered":false,"reason":"damaged")")));
}

TEST_F(HubDurableTest, SendsItsMembersAwayToComeBackWhenItIsFoundDamaged) {
    Peer& ann = first_member("ann");
    Peer& bob = sign_in_to("tea room", "bob");
    say(ann, post("1"));
    asked();
    opened({.trouble = LogTrouble::damaged});
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::history_unavailable)));
    EXPECT_EQ(ann.close_reason(), codec::CloseReason::unavailable);
    EXPECT_FALSE(bob.closing);
    const auto commands = asked();
    ASSERT_FALSE(commands.empty());
    EXPECT_TRUE(std::holds_alternative<OpenLog>(commands[0]));
    lose(ann);
    Peer& again = sign_in("ann");
    say(again, join_since("e", 1));
    opened({.trouble = LogTrouble::damaged, .epoch = "f"});
    EXPECT_THAT(again.texts(),
                ElementsAre(HasSubstr(R"("epoch":"f","offset":0,"recovered":false,"reason":"damaged")")));
}

TEST_F(HubDurableTest, RefusesWhoIsReadingWhenItIsFoundDamaged) {
    Peer& ann = sign_in("ann");
    say(ann, join_since("e", 3));
    opened({.epoch = "e", .offset = 7, .first = 1});
    asked();
    opened({.trouble = LogTrouble::damaged});
    EXPECT_THAT(ann.texts(), ElementsAre(join_refused(ErrorReason::history_unavailable)));
    EXPECT_FALSE(ann.closing);
    EXPECT_EQ(hub().group_count(), 0u);
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, ForgetsAGroupThatIsDamagedWhenNobodyIsThere) {
    Peer& ann = first_member("ann");
    say(ann, R"({"id":4,"op":"leave"})");
    written(1, 2);
    asked();
    opened({.trouble = LogTrouble::damaged});
    EXPECT_EQ(hub().history_bytes(), 0u);
}

// The end

TEST_F(HubDurableTest, ClosesTheLogWhenNobodyHasBeenThereForAWhile) {
    Peer& ann = first_member("ann");
    say(ann, R"({"id":4,"op":"leave"})");
    asked();
    pass(settings_.history.age_max);
    EXPECT_THAT(asked(), IsEmpty()) << "its last notice is still to be written";
    written(1, 2);
    pass(settings_.history.age_max);
    EXPECT_EQ(*only_asked<CloseLog>().group, "ledger");
}

}  // namespace
}  // namespace pipit::core
