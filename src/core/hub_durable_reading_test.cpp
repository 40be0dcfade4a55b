// What groups that are kept on disk have from before: replayed, known again, and read from there.

#include "core/testing/hub_durable_fixture.hpp"

namespace pipit::core {
namespace {

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

}  // namespace
}  // namespace pipit::core
