// Groups whose history is kept on disk: what is asked of whoever keeps it, and what is done when it answers.

#include <utility>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

class HubDurableTest : public HubTest {
 protected:
    HubDurableTest() {
        settings_.history.is_durable = [](std::string_view group) { return group == "ledger"; };
    }

    // What is wanted of whoever keeps histories.
    std::vector<HistoryCommand> asked() {
        for (const HistoryCommand& command : hub().effects().history) {
            if (const auto* open = std::get_if<OpenLog>(&command)) last_opening_ = open->number;
        }
        return std::exchange(hub().effects().history, {});
    }
    template <class Command>
    Command only_asked() {
        std::vector<HistoryCommand> commands = asked();
        if (commands.size() != 1 || !std::holds_alternative<Command>(commands[0])) {
            ADD_FAILURE() << commands.size() << " commands, or another one";
            return Command{};
        }
        return std::get<Command>(std::move(commands[0]));
    }
    void answer(ShardMessage message) {
        turn([&] { hub().handle(std::move(message)); });
    }
    /// The answer to the last OpenLog that asked() has seen.
    void opened(LogOpened how) {
        how.group = kLedger;
        if (how.number == 0) how.number = last_opening_;
        answer(std::move(how));
    }
    void written(std::uint64_t count, std::uint64_t offset) {
        answer(LogAppended{.group = kLedger, .count = count, .offset = offset});
    }
    void not_written(LogTrouble trouble, std::uint64_t count = 1) {
        answer(LogAppended{.group = kLedger, .count = count, .trouble = trouble});
    }
    static LoggedRecord message(std::uint64_t offset, std::string data, std::uint64_t age_ms = 0) {
        return {offset, age_ms, {.kind = LogRecord::Kind::message, .user = kEve, .data = std::move(data)}};
    }

    /// A member of the ledger, whose log was opened empty, and whose notice is written.
    Peer& first_member(const std::string& user) {
        Peer& peer = sign_in(user);
        say(peer, kJoin);
        only_asked<OpenLog>();
        opened({.epoch = "e"});
        only_asked<AppendToLog>();
        written(1, 1);
        peer.texts();
        return peer;
    }
    static std::string post(const std::string& data, const std::string& key = {}) {
        const std::string with_key = key.empty() ? "" : R"(,"key":")" + key + "\"";
        return R"({"id":3,"op":"post","to":"ledger","data":)" + data + with_key + "}";
    }
    static std::string join_since(const std::string& epoch, std::uint64_t offset) {
        return R"({"id":2,"op":"join","group":"ledger","since":{"epoch":")" + epoch + R"(","offset":)" +
               std::to_string(offset) + "}}";
    }
    static std::string joined(const std::string& position) {
        return R"({"id":2,"ok":{"group":"ledger","message":"Joined realtime message group: \"ledger\".",)" +
               position + "}}";
    }
    static std::string join_refused(ErrorReason reason) {
        std::string json;
        codec::v1::append_join_refused(json, 2, reason);
        return json;
    }
    static constexpr const char* kJoin = R"({"id":2,"op":"join","group":"ledger"})";
    static constexpr const char* kPlaced = R"({"id":3,"ok":{"epoch":"e","offset":2}})";
    std::uint64_t last_opening_ = 0;
    static inline const GroupName kLedger = std::make_shared<const std::string>("ledger");
    static inline const UserId kEve = std::make_shared<const std::string>("eve");
};

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

// After a restart

TEST_F(HubDurableTest, ReplaysWhatTheLogHadFromBefore) {
    Peer& ann = sign_in("ann");
    say(ann, join_since("e", 5));
    asked();
    opened({.epoch = "e", .offset = 7, .first = 6, .newest = {message(6, "6"), message(7, "7")}});
    const auto texts = ann.texts();
    ASSERT_THAT(texts, SizeIs(3));
    EXPECT_EQ(texts[0], joined(R"("epoch":"e","offset":5,"recovered":true,"replayed":2)"));
    EXPECT_THAT(texts[1], HasSubstr(R"("offset":6,"user":"eve")"));
    EXPECT_THAT(texts[2], HasSubstr(R"("offset":7,"user":"eve")"));
}

TEST_F(HubDurableTest, KnowsThePostsFromBefore) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e",
            .offset = 7,
            .first = 8,
            .keys = {{std::make_shared<const std::string>("ann"), "k", 5, 1'000}}});
    ann.texts();
    asked();
    say(ann, post("1", "k"));
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":3,"ok":{"epoch":"e","offset":5}})"));
    EXPECT_THAT(asked(), IsEmpty());
    now_ += settings_.history.key_window - base::Millis(1'000);
    say(ann, post("1", "k"));
    only_asked<AppendToLog>();
}

TEST_F(HubDurableTest, AnswersBothPostsOfOneKeyAlsoWhenTheirSenderHasLeftMeanwhile) {
    Peer& ann = first_member("ann");
    say(ann, post("1", "k"));
    say(ann, R"({"id":4,"op":"leave"})");
    ann.texts();
    say(ann, post("1", "k"));
    EXPECT_THAT(ann.texts(), IsEmpty());
    written(1, 2);
    EXPECT_THAT(ann.texts(), ElementsAre(kPlaced, kPlaced));
}

TEST_F(HubDurableTest, LooksForAPostOfTheServerBeforeThoughNobodyHasJoined) {
    Peer& ann = sign_in("ann");
    say(ann, post("1", "k"));
    EXPECT_THAT(ann.texts(), IsEmpty());
    only_asked<OpenLog>();
    opened({.epoch = "e", .offset = 2, .first = 3, .keys = {{ann.session->user, "k", 2, 1'000}}});
    EXPECT_THAT(ann.texts(), ElementsAre(kPlaced));
    say(ann, post("1", "l"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
    EXPECT_THAT(asked(), IsEmpty());
    pass(settings_.history.age_max);
    only_asked<CloseLog>();
}

TEST_F(HubDurableTest, OpensNoLogForAPostThatCannotBeThere) {
    Peer& ann = sign_in("ann");
    Peer& limited = sign_in("ann", token_of("ann", 3600, std::vector<std::string>{"lounge"}));
    log_congested_ = true;
    say(ann, post("1", "k"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::unavailable)));
    log_congested_ = false;
    say(ann, post("1"));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
    say(limited, post("1", "k"));
    EXPECT_THAT(limited.texts(), ElementsAre(error_reply(3, ErrorReason::not_joined)));
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(HubDurableTest, ReadsFromDiskWhatIsNotInMemory) {
    Peer& ann = sign_in("ann");
    say(ann, join_since("e", 3));
    asked();
    opened({.epoch = "e", .offset = 7, .first = 1, .newest = {message(7, "7")}});
    EXPECT_THAT(ann.texts(), IsEmpty());
    const auto commands = asked();
    ASSERT_THAT(commands, SizeIs(2));
    const auto& read = std::get<ReadLog>(commands[1]);
    EXPECT_EQ(read.after, 3u);
    answer(LogRead{.group = kLedger, .read = read.read, .records = {message(4, "4"), message(5, "5")}});
    EXPECT_THAT(ann.texts(),
                ElementsAre(joined(R"("epoch":"e","offset":3,"recovered":true,"replayed":2,"more":true)"),
                            HasSubstr(R"("offset":4)"), HasSubstr(R"("offset":5)")));
    written(1, 8);
    EXPECT_THAT(ann.texts(), IsEmpty()) << "nothing live between two pages";
    say(ann, join_since("e", 6));
    EXPECT_THAT(ann.texts(), ElementsAre(joined(R"("epoch":"e","offset":6,"recovered":true,"replayed":2)"),
                                         HasSubstr(R"("offset":7)"), HasSubstr(R"("offset":8)")));
}

TEST_F(HubDurableTest, ReadsOnceForAllWhoHaveMissedTheSame) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    say(ann, join_since("e", 3));
    say(bob, join_since("e", 3));
    asked();
    opened({.epoch = "e", .offset = 7, .first = 1});
    std::vector<ReadLog> reads;
    for (const HistoryCommand& command : asked()) {
        if (const auto* read = std::get_if<ReadLog>(&command)) reads.push_back(*read);
    }
    ASSERT_THAT(reads, SizeIs(1));
    answer(LogRead{.group = kLedger, .read = reads[0].read, .records = {message(4, "4")}});
    for (Peer* peer : {&ann, &bob}) {
        EXPECT_THAT(peer->texts(),
                    ElementsAre(joined(R"("epoch":"e","offset":3,"recovered":true,"replayed":1,"more":true)"),
                                HasSubstr(R"("offset":4)")));
    }
}

TEST_F(HubDurableTest, ReadsAFewPagesAtATime) {
    constexpr std::uint64_t kPages = LogReads::kAtOnceMax + 3;
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = kPages + 1, .first = 1});
    ann.texts();
    asked();
    for (std::uint64_t after = 0; after < kPages; ++after)
        say(ann, join_since("e", after));
    std::vector<HistoryCommand> reads = asked();
    EXPECT_THAT(reads, SizeIs(LogReads::kAtOnceMax));
    for (std::uint64_t page = 0; page < kPages; ++page) {
        const auto read = std::get<ReadLog>(reads.at(page));
        EXPECT_EQ(read.after, page);
        answer(LogRead{.group = kLedger, .read = read.read, .records = {message(page + 1, "1")}});
        for (HistoryCommand& next : asked())
            reads.push_back(std::move(next));
    }
    EXPECT_THAT(reads, SizeIs(kPages));
    EXPECT_THAT(ann.texts(), SizeIs(2 * kPages));
}

TEST_F(HubDurableTest, RefusesToReadWhenTooMuchWaitsForThat) {
    settings_.rate = {.per_second = 1'000'000, .burst = 1'000'000};
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = 2'000, .first = 1});
    ann.texts();
    for (std::uint64_t after = 0; after < LogReads::kAtOnceMax + LogReads::kWaitingMax; ++after)
        say(ann, join_since("e", after));
    EXPECT_THAT(ann.texts(), IsEmpty());
    say(ann, R"({"id":4,"op":"history"})");
    say(ann, join_since("e", 1'999));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(4, ErrorReason::unavailable),
                                         error_reply(2, ErrorReason::unavailable)));
}

TEST_F(HubDurableTest, ReadsForOthersAfterAGroupWasFoundDamaged) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = 100, .first = 1});
    asked();
    for (std::uint64_t after = 0; after < LogReads::kAtOnceMax; ++after)
        say(ann, join_since("e", after));
    const auto reads = asked();
    opened({.trouble = LogTrouble::damaged});
    lose(ann);
    asked();
    for (const HistoryCommand& read : reads) {
        answer(LogRead{
            .group = kLedger, .read = std::get<ReadLog>(read).read, .trouble = LogTrouble::unavailable});
    }
    Peer& bob = sign_in("bob");
    say(bob, join_since("f", 0));
    asked();
    opened({.epoch = "f", .offset = 2, .first = 1});
    const auto commands = asked();
    ASSERT_FALSE(commands.empty());
    EXPECT_TRUE(std::holds_alternative<ReadLog>(commands.back()));
}

TEST_F(HubDurableTest, TellsWhyWhatWasMissedCannotBeRead) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = 7, .first = 3});
    ann.texts();
    asked();
    say(ann, join_since("e", 1));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("recovered":false,"reason":"window","missed":6)")));
    EXPECT_THAT(asked(), IsEmpty()) << "it is not there any more";
    const auto read = [&] {
        say(ann, join_since("e", 2));
        return LogRead{.group = kLedger, .read = only_asked<ReadLog>().read};
    };
    LogRead damaged = read();
    damaged.trouble = LogTrouble::damaged;
    answer(std::move(damaged));
    EXPECT_THAT(ann.texts(),
                ElementsAre(HasSubstr(R"("offset":7,"recovered":false,"reason":"damaged","missed":5)")));
    LogRead forgotten = read();
    forgotten.records = {message(6, "6"), message(7, "7")};
    answer(std::move(forgotten));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("recovered":false,"reason":"window","missed":5)")));
}

TEST_F(HubDurableTest, RefusesAJoinWhoseEventsCannotBeReadNow) {
    Peer& ann = sign_in("ann");
    say(ann, join_since("e", 2));
    asked();
    opened({.epoch = "e", .offset = 7, .first = 3, .newest = {message(7, "7")}});
    const auto commands = asked();
    const auto read = std::get<ReadLog>(commands.at(commands.size() - 1)).read;
    answer(LogRead{.group = kLedger, .read = read, .trouble = LogTrouble::unavailable});
    EXPECT_THAT(ann.texts(), ElementsAre(join_refused(ErrorReason::history_unavailable)));
    EXPECT_EQ(hub().group_count(), 0u);
    say(ann, join_since("e", 6));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("recovered":true)"), HasSubstr(R"("offset":7)")))
        << "what is in memory can be had all the time";
}

TEST_F(HubDurableTest, RefusesAJoinThatWouldHaveToReadWhileTooMuchWaitsThere) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = 7, .first = 1});
    ann.texts();
    log_congested_ = true;
    say(ann, join_since("e", 2));
    EXPECT_THAT(ann.texts(), ElementsAre(join_refused(ErrorReason::unavailable)));
    EXPECT_EQ(hub().group_count(), 0u) << "it is no member any more";
    log_congested_ = false;
    say(ann, join_since("e", 7));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("recovered":true)")));
}

TEST_F(HubDurableTest, ListsHistoryFromMemoryAndThenFromDisk) {
    Peer& ann = sign_in("ann");
    say(ann, kJoin);
    asked();
    opened({.epoch = "e", .offset = 7, .first = 1, .newest = {message(6, "6", 500), message(7, "7", 400)}});
    ann.texts();
    asked();
    say(ann, R"({"id":4,"op":"history","limit":1})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(testing::AllOf(HasSubstr(R"("list":[{"offset":7)"), HasSubstr(R"("age_ms":400)"),
                                           HasSubstr(R"("startKey":{"epoch":"e","offset":7})"))));
    say(ann, R"({"id":4,"op":"history","limit":5,"before":{"epoch":"e","offset":7}})");
    const auto read = only_asked<ReadLogBackwards>();
    EXPECT_EQ(read.before, 7u);
    EXPECT_EQ(read.messages_max, 5u);
    answer(LogRead{.group = kLedger,
                   .read = read.read,
                   .records = {message(2, "2", 900), message(6, "6", 500)},
                   .more = true});
    EXPECT_THAT(ann.texts(),
                ElementsAre(testing::AllOf(HasSubstr(R"("list":[{"offset":2,"user":"eve")"),
                                           HasSubstr(R"("data":6,"age_ms":500}],"epoch":"e")"),
                                           HasSubstr(R"("startKey":{"epoch":"e","offset":2})"))));
    say(ann, R"({"id":4,"op":"history"})");
    LogRead failed{
        .group = kLedger, .read = only_asked<ReadLogBackwards>().read, .trouble = LogTrouble::unavailable};
    answer(std::move(failed));
    EXPECT_THAT(ann.texts(), ElementsAre(error_reply(4, ErrorReason::history_unavailable)));
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
