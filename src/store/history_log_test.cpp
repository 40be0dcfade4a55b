#include <filesystem>
#include <gmock/gmock.h>
#include <limits>
#include <string>
#include <vector>

#include "store/testing/histories.hpp"

namespace pipit::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

class HistoryLogTest : public testing::Test {
 protected:
    std::unique_ptr<HistoryLog> open(const HistoryLimits& limits = {}, UnixMs now = kHistoryNow) {
        return ok(HistoryLog::open({.folder = folder_.text(), .limits = limits}, random_, now));
    }
    static std::vector<std::uint64_t> offsets(const std::vector<HistoryRecord>& records) {
        std::vector<std::uint64_t> list;
        for (const HistoryRecord& record : records)
            list.push_back(record.offset);
        return list;
    }
    static void say_many(HistoryLog& log, const std::string& group, int count, std::size_t bytes = 1,
                         UnixMs now = kHistoryNow) {
        for (int n = 0; n < count; ++n)
            ok(say(log, group, std::string(bytes, 'x'), now));
    }
    static HistoryPlace place(HistoryLog& log, const std::string& group) {
        return ok(log.find(group)).value();
    }

    TestFolder folder_;
    SeededBytes random_{1};
};

// Who may use it.

TEST_F(HistoryLogTest, RefusesAFolderThatAnotherUses) {
    const auto first = open();
    EXPECT_EQ(fault(HistoryLog::open({.folder = folder_.text()}, random_, kHistoryNow)),
              HistoryFault::in_use);
}

TEST_F(HistoryLogTest, IsFreeForAnotherWhenItIsClosed) {
    open();
    open();
}

TEST_F(HistoryLogTest, NeedsAFolder) {
    EXPECT_EQ(fault(HistoryLog::open({.folder = "/no/such/folder"}, random_, kHistoryNow)),
              HistoryFault::failed);
}

TEST_F(HistoryLogTest, ItsFilesAreForTheirOwnerAlone) {
    const auto log = open();
    ok(say(*log, "tea", "hello"));
    for (const std::string& name : folder_.files("history")) {
        const auto mode = std::filesystem::status(folder_ / name).permissions();
        EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << name;
    }
    EXPECT_THAT(folder_.files("history"),
                ElementsAre("history.db", "history.db-wal", "history.lock", "history.witness"));
}

// Writing.

TEST_F(HistoryLogTest, AGroupIsNotKnownBeforeItIsMade) {
    const auto log = open();
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
}

TEST_F(HistoryLogTest, GivesOffsetsThatRiseByOneInEachGroup) {
    const auto log = open();
    ok(log->begin(kHistoryNow));
    ok(log->create("tea"));
    ok(log->create("coffee"));
    EXPECT_EQ(ok(log->append("tea", message("1"))), 1u);
    EXPECT_EQ(ok(log->append("coffee", message("1"))), 1u);
    EXPECT_EQ(ok(log->append("tea", message("2"))), 2u);
    ok(log->commit());
    EXPECT_EQ(ok(say(*log, "tea", "3")), 3u);
    EXPECT_THAT(ok(all(*log, "tea")), ElementsAre("1", "2", "3"));
}

TEST_F(HistoryLogTest, KeepsEverythingThatWasWritten) {
    const auto log = open();
    const std::string odd("\0\xff\"'", 4);
    ok(log->begin(kHistoryNow));
    ok(log->create(odd));
    ok(log->append(odd, {.kind = kNotice, .user = odd, .cid = odd, .data = "", .key = odd}));
    ok(log->commit());
    const auto records = ok(log->read(odd, 0, 1, kAll));
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].kind, kNotice);
    EXPECT_EQ(records[0].at, kHistoryNow);
    EXPECT_EQ(records[0].user, odd);
    EXPECT_EQ(records[0].cid, odd);
    EXPECT_EQ(records[0].data, "");
    EXPECT_EQ(records[0].key, odd);
}

TEST_F(HistoryLogTest, GoesOnWhereItWasAfterARestart) {
    std::string epoch;
    {
        const auto log = open();
        ok(say(*log, "tea", "1"));
        epoch = place(*log, "tea").epoch;
    }
    const auto log = open();
    EXPECT_EQ(place(*log, "tea").epoch, epoch);
    EXPECT_EQ(ok(say(*log, "tea", "2")), 2u);
    EXPECT_THAT(ok(all(*log, "tea")), ElementsAre("1", "2"));
    EXPECT_EQ(log->take_damage(), std::nullopt);
}

TEST_F(HistoryLogTest, GroupsHaveDifferentEpochs) {
    const auto log = open();
    ok(say(*log, "tea", "1"));
    ok(say(*log, "coffee", "1"));
    EXPECT_NE(place(*log, "tea").epoch, place(*log, "coffee").epoch);
}

// Reading.

TEST_F(HistoryLogTest, ReadsWhatCameAfterAnOffset) {
    const auto log = open();
    say_many(*log, "tea", 5);
    EXPECT_THAT(offsets(ok(log->read("tea", 2, 5, kAll))), ElementsAre(3, 4, 5));
    EXPECT_THAT(ok(log->read("tea", 5, 5, kAll)), IsEmpty());
}

TEST_F(HistoryLogTest, ReadsNothingThatIsNewerThanWasAskedFor) {
    const auto log = open();
    say_many(*log, "tea", 5);
    EXPECT_THAT(offsets(ok(log->read("tea", 2, 4, kAll))), ElementsAre(3, 4));
    EXPECT_THAT(offsets(ok(log->newest("tea", 4, {.records_max = 2, .bytes_max = kAll})).records),
                ElementsAre(3, 4));
    EXPECT_THAT(offsets(ok(log->read_messages("tea", kAll, 4, 2, kAll)).list), ElementsAre(3, 4));
}

TEST_F(HistoryLogTest, ReadsPagesByBytesOfAtLeastOneRecord) {
    const auto log = open();
    say_many(*log, "tea", 5, 100);
    EXPECT_THAT(offsets(ok(log->read("tea", 0, 5, 250))), ElementsAre(1, 2));
    EXPECT_THAT(offsets(ok(log->read("tea", 2, 5, 1))), ElementsAre(3));
    EXPECT_THAT(offsets(ok(log->read_messages("tea", kAll, 5, 5, 250)).list), ElementsAre(4, 5));
    EXPECT_THAT(offsets(ok(log->read_messages("tea", 4, 5, 5, 1)).list), ElementsAre(3));
}

TEST_F(HistoryLogTest, TheNewestFulfilAllThatIsWanted) {
    const auto log = open();
    say_many(*log, "tea", 3, 100, kHistoryNow);
    say_many(*log, "tea", 3, 100, kHistoryNow + 1'000);
    const auto newest = [&](const NewestWanted& wanted) {
        return offsets(ok(log->newest("tea", 6, wanted)).records);
    };
    EXPECT_THAT(newest({.records_max = 2, .bytes_max = kAll}), ElementsAre(5, 6));
    EXPECT_THAT(newest({.records_max = 9, .bytes_max = 399}), ElementsAre(4, 5, 6));
    EXPECT_THAT(newest({.records_max = 9, .bytes_max = kAll, .not_before = kHistoryNow + 1}),
                ElementsAre(4, 5, 6));
    EXPECT_THAT(newest({.records_max = 9, .bytes_max = 0}), IsEmpty());
    EXPECT_THAT(newest({.records_max = 9, .bytes_max = kAll}), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(HistoryLogTest, TellsTheKeysOfThePostsThatMayComeAgain) {
    const auto log = open();
    ok(log->begin(kHistoryNow));
    ok(log->create("tea"));
    ok(log->append("tea", message("1", "old")));
    ok(log->commit());
    ok(log->begin(kHistoryNow + 1'000));
    ok(log->append("tea", message("2", "k2")));
    ok(log->append("tea", message("3")));
    ok(log->append("tea", message("4", "k4")));
    ok(log->commit());
    const auto newest = ok(log->newest("tea", 4, {.keys_not_before = kHistoryNow + 1, .keys_max = 9}));
    EXPECT_THAT(newest.records, IsEmpty());
    ASSERT_THAT(newest.keys, SizeIs(2));
    EXPECT_EQ(newest.keys[0].key, "k2");
    EXPECT_EQ(newest.keys[0].user, "ann");
    EXPECT_EQ(newest.keys[0].offset, 2u);
    EXPECT_EQ(newest.keys[0].at, kHistoryNow + 1'000);
    EXPECT_EQ(newest.keys[1].key, "k4");
    EXPECT_THAT(ok(log->newest("tea", 4, {.keys_not_before = 0, .keys_max = 1})).keys, SizeIs(1));
}

TEST_F(HistoryLogTest, MessagesAreReadWithoutNoticesAndSaidToHaveOlderOnes) {
    const auto log = open();
    ok(log->begin(kHistoryNow));
    ok(log->create("tea"));
    ok(log->append("tea", {.kind = kNotice, .user = "ann"}));
    for (int n = 2; n <= 9; ++n) {
        ok(log->append("tea", message("m")));
        ok(log->append("tea", {.kind = kNotice, .user = "ann"}));
    }
    ok(log->commit());
    const auto page = ok(log->read_messages("tea", kAll, 17, 3, kAll));
    EXPECT_THAT(offsets(page.list), ElementsAre(12, 14, 16));
    EXPECT_TRUE(page.more);
    const auto last = ok(log->read_messages("tea", 7, 17, 3, kAll));
    EXPECT_THAT(offsets(last.list), ElementsAre(2, 4, 6));
    EXPECT_FALSE(last.more);
    EXPECT_THAT(ok(log->read_messages("tea", 1, 17, 3, kAll)).list, IsEmpty());
    EXPECT_THAT(ok(log->read_messages("tea", 0, 17, 3, kAll)).list, IsEmpty());
}

// What goes when there is too much.

TEST_F(HistoryLogTest, KeepsTheNewestOfAGroupAndAPieceMoreAtMost) {
    const auto log = open({.records_max = 80});
    say_many(*log, "tea", 200);
    EXPECT_EQ(place(*log, "tea").last, 200u);
    EXPECT_LE(place(*log, "tea").first, 121u);
    EXPECT_GT(place(*log, "tea").first, 110u);
    EXPECT_EQ(ok(log->read("tea", 0, 200, kAll)).front().offset, place(*log, "tea").first);
}

TEST_F(HistoryLogTest, DeletesWhatIsTooOldWithoutBeingWrittenTo) {
    const auto log = open({.age_max = base::Millis{1'000}});
    say_many(*log, "tea", 3, 1, kHistoryNow);
    say_many(*log, "tea", 2, 1, kHistoryNow + 500);
    EXPECT_FALSE(ok(log->expire(kHistoryNow + 1'000)));
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 1'001)));
    EXPECT_THAT(offsets(ok(log->read("tea", 0, 5, kAll))), ElementsAre(4, 5));
    EXPECT_FALSE(ok(log->expire(kHistoryNow + 1'001)));
}

TEST_F(HistoryLogTest, AnEmptyGroupIsKnownForAWhileAndThenForgotten) {
    const auto log = open({.age_max = base::Millis{1'000}});
    ok(say(*log, "tea", "1"));
    const std::string epoch = place(*log, "tea").epoch;
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 1'001)));
    EXPECT_EQ(place(*log, "tea").epoch, epoch);
    EXPECT_EQ(place(*log, "tea").first, 2u);
    EXPECT_EQ(place(*log, "tea").last, 1u);
    EXPECT_THAT(ok(all(*log, "tea")), IsEmpty());
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 2'002)));
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
}

TEST_F(HistoryLogTest, AGroupThatIsHeldIsNotForgotten) {
    const auto log = open({.age_max = base::Millis{1'000}});
    ok(say(*log, "tea", "1"));
    log->hold("tea", true);
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 2'000)));
    for (UnixMs later : {4'000, 6'000})
        EXPECT_FALSE(ok(log->expire(kHistoryNow + later)));
    EXPECT_EQ(ok(say(*log, "tea", "2", kHistoryNow + 6'000)), 2u);
    log->hold("tea", false);
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 8'000)));
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 10'000)));
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
}

TEST_F(HistoryLogTest, OneLoudGroupDoesNotPushOutTheQuietOnes) {
    const auto log = open({.bytes_max = 64 << 10});
    for (const char* quiet : {"a", "b", "c"})
        say_many(*log, quiet, 3, 100);
    say_many(*log, "loud", 300, 1'000);
    for (const char* quiet : {"a", "b", "c"})
        EXPECT_EQ(place(*log, quiet).first, 1u);
    EXPECT_THAT(ok(all(*log, "loud")), SizeIs(testing::AllOf(testing::Gt(40u), testing::Lt(64u))));
    EXPECT_EQ(place(*log, "loud").last, 300u);
}

TEST_F(HistoryLogTest, LargeGroupsShareWhatThereIs) {
    const auto log = open({.bytes_max = 256 << 10});
    for (int round = 0; round < 400; ++round) {
        ok(say(*log, "a", std::string(1'000, 'x')));
        ok(say(*log, "b", std::string(1'000, 'x')));
    }
    const auto a = ok(all(*log, "a")).size();
    const auto b = ok(all(*log, "b")).size();
    EXPECT_GT(a, 40u);
    EXPECT_GT(b, 40u);
    EXPECT_GT(a + b, 150u);
}

TEST_F(HistoryLogTest, TooManyGroupsWithoutRecordsAreForgottenTheOldestFirst) {
    const auto log = open({.bytes_max = 64 << 10});
    for (int n = 0; n < 200; ++n) {
        ok(log->begin(kHistoryNow + n));
        ok(log->create("group " + std::to_string(n)));
        ok(log->commit());
    }
    EXPECT_EQ(ok(log->find("group 0")), std::nullopt);
    EXPECT_EQ(ok(log->find("group 135")), std::nullopt);
    EXPECT_NE(ok(log->find("group 136")), std::nullopt);
    EXPECT_NE(ok(log->find("group 199")), std::nullopt);
}

TEST_F(HistoryLogTest, NothingIsDeletedOfGroupsThatAreOpenAndHaveNothing) {
    const auto name = [](int n) { return "group " + std::to_string(n); };
    {
        const auto log = open();
        ok(log->begin(kHistoryNow));
        for (int n = 0; n < 100; ++n)
            ok(log->create(name(n)));
        ok(log->commit());
    }
    const auto log = open({.bytes_max = 64 << 10});
    for (int n = 0; n < 100; ++n)
        log->hold(name(n), true);
    EXPECT_FALSE(ok(log->expire(kHistoryNow)));
    for (int n = 0; n < 50; ++n)
        log->hold(name(n), false);
    EXPECT_TRUE(ok(log->expire(kHistoryNow)));
    EXPECT_EQ(ok(log->find(name(35))), std::nullopt);
    EXPECT_NE(ok(log->find(name(36))), std::nullopt);
    EXPECT_FALSE(ok(log->expire(kHistoryNow)));
}

TEST_F(HistoryLogTest, GroupsWithoutMessagesPushOutNone) {
    const auto log = open({.bytes_max = 64 << 10});
    say_many(*log, "tea", 20, 1'000);
    for (int n = 0; n < 200; ++n) {
        const std::string group = "group " + std::to_string(n);
        ok(log->begin(kHistoryNow + n));
        ok(log->create(group));
        ok(log->append(group, {.kind = kNotice, .user = "eve"}));
        ok(log->commit());
    }
    EXPECT_THAT(ok(all(*log, "tea")), SizeIs(20));
    EXPECT_EQ(ok(log->find("group 100")), std::nullopt);
    EXPECT_NE(ok(log->find("group 199")), std::nullopt);
}

TEST_F(HistoryLogTest, AGroupWhoseMessagesAreTooOldHasNone) {
    const auto log = open({.age_max = base::Millis{1'000}, .bytes_max = 64 << 10});
    ok(say(*log, "tea", "1", kHistoryNow));
    ok(log->begin(kHistoryNow + 500));
    ok(log->append("tea", {.kind = kNotice, .user = "ann"}));
    ok(log->commit());
    EXPECT_TRUE(ok(log->expire(kHistoryNow + 1'001)));
    EXPECT_NE(ok(log->find("tea")), std::nullopt);
    say_many(*log, "coffee", 100, 1'000, kHistoryNow + 1'001);
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
}

TEST_F(HistoryLogTest, ManySmallGroupsDoNotPushOutALargeOne) {
    const auto log = open({.bytes_max = 64 << 10});
    say_many(*log, "tea", 20, 1'000);
    for (int n = 0; n < 200; ++n)
        ok(say(*log, "group " + std::to_string(n), "x", kHistoryNow + n));
    EXPECT_THAT(ok(all(*log, "tea")), SizeIs(20));
    EXPECT_EQ(ok(log->find("group 0")), std::nullopt);
    EXPECT_THAT(ok(all(*log, "group 199")), ElementsAre("x"));
}

TEST_F(HistoryLogTest, GroupsThatAreOpenAreNeverSoManyThatNoRoomIsLeftForMessages) {
    const auto log = open({.bytes_max = 64 << 10});
    say_many(*log, "tea", 20, 1'000);
    const auto make = [&](int n) {
        const std::string group = "group " + std::to_string(n);
        ok(log->begin(kHistoryNow));
        const auto made = log->create(group);
        log->hold(group, true);
        ok(log->commit());
        return made;
    };
    for (int n = 0; n < 32; ++n)
        ok(make(n));
    EXPECT_EQ(fault(make(32)), HistoryFault::disk_full);
    EXPECT_THAT(ok(all(*log, "tea")), SizeIs(20));
    log->hold("group 0", false);
    ok(make(32));
}

TEST_F(HistoryLogTest, TheDatabaseStopsGrowingAtItsLimit) {
    const std::uint64_t bytes_max = 1 << 20;
    const auto log = open({.bytes_max = bytes_max});
    for (int commit = 0; commit < 200; ++commit) {
        ok(log->begin(kHistoryNow));
        for (int n = 0; n < 100; ++n) {
            const std::string group = "group " + std::to_string(n % 17);
            if (!ok(log->find(group))) ok(log->create(group));
            ok(log->append(group, message(std::string(300, 'x'))));
        }
        ok(log->commit());
    }
    EXPECT_LT(std::filesystem::file_size(folder_ / "history.db"), bytes_max * 3 / 2);
}

TEST_F(HistoryLogTest, AStricterLimitIsMetStepByStepAfterARestart) {
    say_many(*open(), "tea", 1'000);
    const auto log = open({.records_max = 10});
    while (ok(log->expire(kHistoryNow))) {
    }
    EXPECT_EQ(place(*log, "tea").first, 991u);
}

}  // namespace
}  // namespace pipit::store
