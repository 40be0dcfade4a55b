#include "net/history_engine.hpp"

#include <array>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/log_reads.hpp"
#include "net/os.hpp"
#include "store/testing/faulty_disk.hpp"
#include "store/testing/histories.hpp"

namespace pipit::net {
namespace {

using core::LogAppended;
using core::LogOpened;
using core::LogRead;
using core::LogTrouble;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr core::WorkerIndex kWorkers = 3;
constexpr std::chrono::seconds kDeadline{20};
constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

core::GroupName named(const std::string& group) {
    return std::make_shared<const std::string>(group);
}

core::OpenLog open_log(const std::string& group, core::WorkerIndex home = 0, std::uint64_t number = 1) {
    return {.home = home,
            .group = named(group),
            .number = number,
            .records_max = 100,
            .bytes_max = 1'000'000,
            .age_max = std::chrono::hours(1),
            .key_window = std::chrono::hours(1),
            .keys_max = 100};
}

/// Nothing of what it has is asked for.
core::OpenLog open_unread(const std::string& group, core::WorkerIndex home = 0) {
    return {.home = home,
            .group = named(group),
            .number = 1,
            .records_max = 0,
            .bytes_max = 0,
            .age_max = {},
            .key_window = {},
            .keys_max = 0};
}

core::ReadLog read_log(const std::string& group, std::uint64_t number, std::uint64_t bytes_max = 1'000'000) {
    return {.home = 0, .group = named(group), .read = number, .after = 0, .bytes_max = bytes_max};
}

core::AppendToLog append(const std::string& group, const std::string& data, core::WorkerIndex home = 0,
                         const std::string& key = {}) {
    core::LogRecord record{.user = named("ann"), .cid = {}, .data = data, .key = key};
    record.cid.bytes[0] = 7;
    return {.home = home, .group = named(group), .record = std::move(record)};
}

std::vector<std::string> data_of(const std::vector<core::LoggedRecord>& records) {
    std::vector<std::string> list;
    for (const core::LoggedRecord& logged : records)
        list.push_back(logged.record.data);
    return list;
}

/// The hub of one worker: what it was told, in order, until somebody takes it.
class HistoryHub {
 public:
    void receive(std::vector<core::ShardMessage> messages) {
        const std::lock_guard lock(mutex_);
        std::size_t bytes = 0;
        for (const core::ShardMessage& message : messages)
            bytes += core::queued_bytes(message);
        most_at_once_ = std::max(most_at_once_, bytes);
        std::move(messages.begin(), messages.end(), std::back_inserter(told_));
        changed_.notify_all();
    }
    /// The next thing that it is told, which must be one of these.
    template <class Message>
    Message next() {
        std::unique_lock lock(mutex_);
        const auto until = std::chrono::system_clock::now() + kDeadline;
        if (!changed_.wait_until(lock, until, [this] { return !told_.empty(); })) {
            throw std::runtime_error("nothing comes");
        }
        auto* message = std::get_if<Message>(&told_.front());
        if (message == nullptr) throw std::runtime_error("something else comes");
        Message taken = std::move(*message);
        told_.erase(told_.begin());
        return taken;
    }
    bool was_told_more() {
        const std::lock_guard lock(mutex_);
        return !told_.empty();
    }
    /// Bytes that came in one go.
    std::size_t most_at_once() {
        const std::lock_guard lock(mutex_);
        return most_at_once_;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<core::ShardMessage> told_;
    std::size_t most_at_once_ = 0;
};

class HistoryEngineTest : public testing::Test {
 protected:
    void make(const HistoryEngineSettings& settings = {}) {
        engine_.reset();
        engine_ = std::make_unique<HistoryEngine>(
            settings,
            store::ok(store::HistoryLog::open(
                {.folder = folder_.text(), .limits = limits_, .vfs = disk_.vfs()}, random_, unix_ms_now())),
            kWorkers, [this](core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
                hubs_[to].receive(std::move(messages));
            });
    }
    void start(const HistoryEngineSettings& settings = {}) {
        make(settings);
        engine_->start();
    }
    template <class... Commands>
    void ask(Commands... commands) {
        std::vector<core::HistoryCommand> list;
        (list.emplace_back(std::move(commands)), ...);
        engine_->receive(std::move(list));
    }
    LogOpened open(const std::string& group, std::uint64_t number = 1) {
        ask(open_log(group, 0, number));
        return hubs_[0].next<LogOpened>();
    }
    /// Changes the database behind the engine's back, as a bad disk does.
    void change(const std::string& from, const std::string& to) const {
        std::fstream file(folder_ / "history.db", std::ios::binary | std::ios::in | std::ios::out);
        std::string bytes(std::istreambuf_iterator<char>(file), {});
        const auto place = bytes.find(from);
        ASSERT_NE(place, bytes.npos);
        file.clear();
        file.seekp(static_cast<std::streamoff>(place));
        file << to;
    }

    store::TestFolder folder_;
    store::SeededBytes random_{1};
    store::FaultyDisk disk_;
    store::HistoryLimits limits_;
    std::array<HistoryHub, kWorkers> hubs_;
    std::unique_ptr<HistoryEngine> engine_;
};

TEST_F(HistoryEngineTest, AnswersToTheHomeOfTheGroup) {
    start();
    ask(open_log("tea", 2));
    const LogOpened opened = hubs_[2].next<LogOpened>();
    EXPECT_EQ(*opened.group, "tea");
    EXPECT_EQ(opened.trouble, LogTrouble::none);
    EXPECT_EQ(opened.epoch.size(), 8u);
    EXPECT_EQ(opened.offset, 0u);
    EXPECT_EQ(opened.first, 1u);
    ask(append("tea", "1", 2));
    const LogAppended appended = hubs_[2].next<LogAppended>();
    EXPECT_EQ(*appended.group, "tea");
    EXPECT_EQ(appended.count, 1u);
    EXPECT_EQ(appended.offset, 1u);
    EXPECT_FALSE(hubs_[0].was_told_more() || hubs_[1].was_told_more());
}

TEST_F(HistoryEngineTest, AnswersTogetherWhatSharesACommit) {
    make();
    ask(open_log("tea"), open_log("coffee"));
    engine_->start();
    hubs_[0].next<LogOpened>();
    hubs_[0].next<LogOpened>();
    ask(append("tea", "1"), append("coffee", "1"), append("tea", "2"), append("tea", "3"));
    const LogAppended tea = hubs_[0].next<LogAppended>();
    EXPECT_EQ(*tea.group, "tea");
    EXPECT_EQ(tea.count, 3u);
    EXPECT_EQ(tea.offset, 1u);
    const LogAppended coffee = hubs_[0].next<LogAppended>();
    EXPECT_EQ(*coffee.group, "coffee");
    EXPECT_EQ(coffee.count, 1u);
}

TEST_F(HistoryEngineTest, AReadSeesWhatWasAskedForBeforeItAndNothingElse) {
    start();
    open("tea");
    ask(append("tea", "1"), append("tea", "2"),
        core::ReadLog{.home = 0, .group = named("tea"), .read = 77, .after = 0, .bytes_max = kAll},
        append("tea", "3"),
        core::ReadLogBackwards{.home = 0,
                               .group = named("tea"),
                               .read = 78,
                               .before = kAll,
                               .messages_max = 2,
                               .bytes_max = kAll});
    EXPECT_EQ(hubs_[0].next<LogAppended>().count, 2u);
    const LogRead first = hubs_[0].next<LogRead>();
    EXPECT_EQ(first.read, 77u);
    EXPECT_THAT(data_of(first.records), ElementsAre("1", "2"));
    const LogAppended third = hubs_[0].next<LogAppended>();
    EXPECT_EQ(third.count, 1u);
    EXPECT_EQ(third.offset, 3u);
    const LogRead page = hubs_[0].next<LogRead>();
    EXPECT_EQ(page.read, 78u);
    EXPECT_THAT(data_of(page.records), ElementsAre("2", "3"));
    EXPECT_TRUE(page.more);
}

TEST_F(HistoryEngineTest, WhatIsReadForSomeKeepsNobodyWaitingForHisPost) {
    start();
    open("tea");
    open("coffee");
    ask(append("tea", "1"));
    hubs_[0].next<LogAppended>();
    ask(read_log("tea", 1), open_log("cocoa"), append("tea", "2"), append("coffee", "1"));
    EXPECT_EQ(*hubs_[0].next<LogAppended>().group, "coffee");
    EXPECT_EQ(hubs_[0].next<LogRead>().read, 1u);
    EXPECT_EQ(*hubs_[0].next<LogOpened>().group, "cocoa");
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 2u) << "of a group that is read, in its order";
}

TEST_F(HistoryEngineTest, CommitsBetweenLongReadsAndDoesNotKeepAnAppendBehindAllOfThem) {
    start({.bytes_per_commit_max = 2 << 20});
    open("tea");
    open("coffee");
    std::vector<core::HistoryCommand> commands;
    for (std::uint64_t number = 1; number <= 8; ++number)
        commands.emplace_back(read_log("tea", number, 1 << 20));
    commands.emplace_back(append("coffee", "1"));
    engine_->receive(std::move(commands));
    // Of one commit, appends are answered first: this one had reads in commits before it.
    EXPECT_EQ(hubs_[0].next<LogRead>().read, 1u);
    for (std::uint64_t number = 2; number <= 8; ++number)
        EXPECT_EQ(hubs_[0].next<LogRead>().read, number);
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 1u);
}

TEST_F(HistoryEngineTest, ReadsTheNameOfAUserOnce) {
    start();
    open("tea");
    ask(append("tea", "1"), append("tea", "2"));
    hubs_[0].next<LogAppended>();
    ask(read_log("tea", 1));
    const LogRead read = hubs_[0].next<LogRead>();
    ASSERT_EQ(read.records.size(), 2u);
    EXPECT_EQ(read.records[0].record.user, read.records[1].record.user) << "the same object";
}

TEST_F(HistoryEngineTest, DoesNotHoldAllThatIsReadAtOnce) {
    start({.bytes_per_commit_max = 1 << 30});
    open("tea");
    ask(append("tea", std::string(600'000, 'x')));
    hubs_[0].next<LogAppended>();
    std::vector<core::HistoryCommand> commands;
    for (std::uint64_t number = 1; number <= 20; ++number)
        commands.emplace_back(read_log("tea", number));
    engine_->receive(std::move(commands));
    for (std::uint64_t number = 1; number <= 20; ++number)
        EXPECT_EQ(hubs_[0].next<LogRead>().read, number);
    EXPECT_LT(hubs_[0].most_at_once(), 2'000'000u);
}

TEST_F(HistoryEngineTest, AnswersAReadOfAGroupThatIsNotOpen) {
    start();
    ask(read_log("tea", 7));
    const LogRead answer = hubs_[0].next<LogRead>();
    EXPECT_EQ(answer.read, 7u);
    EXPECT_EQ(answer.trouble, LogTrouble::unavailable);
}

TEST_F(HistoryEngineTest, OpensAfterARestartWithWhatThereWas) {
    start();
    const std::string epoch = open("tea").epoch;
    ask(append("tea", "1", 0, "k1"), append("tea", "2"));
    hubs_[0].next<LogAppended>();
    start();
    const LogOpened opened = open("tea");
    EXPECT_EQ(opened.trouble, LogTrouble::none);
    EXPECT_EQ(opened.epoch, epoch);
    EXPECT_EQ(opened.offset, 2u);
    EXPECT_THAT(data_of(opened.newest), ElementsAre("1", "2"));
    EXPECT_EQ(opened.newest[0].offset, 1u);
    EXPECT_EQ(*opened.newest[0].record.user, "ann");
    EXPECT_EQ(opened.newest[0].record.cid.bytes[0], 7);
    EXPECT_EQ(opened.newest[0].record.kind, core::LogRecord::Kind::message);
    EXPECT_LT(opened.newest[0].age_ms, 60'000u);
    ASSERT_THAT(opened.keys, SizeIs(1));
    EXPECT_EQ(opened.keys[0].key, "k1");
    EXPECT_EQ(*opened.keys[0].user, "ann");
    EXPECT_EQ(opened.keys[0].offset, 1u);
}

TEST_F(HistoryEngineTest, MayBeOpenedAgain) {
    start();
    const std::string epoch = open("tea").epoch;
    ask(core::CloseLog{.group = named("tea")});
    EXPECT_EQ(open("tea").epoch, epoch);
    EXPECT_EQ(open("tea").epoch, epoch);
    ask(append("tea", "1"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 1u);
}

TEST_F(HistoryEngineTest, AFullDiskRefusesAndIsOverWhenThereIsRoom) {
    start();
    open("tea");
    disk_.fail_after(0, store::FaultyDisk::Fault::disk_is_full);
    ask(append("tea", "1"), append("tea", "2"));
    const LogAppended refused = hubs_[0].next<LogAppended>();
    EXPECT_EQ(refused.trouble, LogTrouble::full);
    EXPECT_EQ(refused.count, 2u);
    ask(append("tea", "3"));
    const LogAppended appended = hubs_[0].next<LogAppended>();
    EXPECT_EQ(appended.trouble, LogTrouble::none);
    EXPECT_EQ(appended.offset, 1u);
}

TEST_F(HistoryEngineTest, AGroupThatCannotBeMadeIsNotOpen) {
    start();
    disk_.fail_after(0, store::FaultyDisk::Fault::disk_is_full);
    const LogOpened refused = open("tea");
    EXPECT_EQ(refused.trouble, LogTrouble::full);
    EXPECT_THAT(refused.epoch, IsEmpty());
    EXPECT_EQ(open("tea").trouble, LogTrouble::none);
}

TEST_F(HistoryEngineTest, AFailedSyncAcknowledgesNothing) {
    start();
    const std::string epoch = open("tea").epoch;
    disk_.fail_after(0, store::FaultyDisk::Fault::sync_fails);
    ask(append("tea", "1"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().trouble, LogTrouble::unavailable);
    ask(append("tea", "2"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 1u);
    const LogOpened again = open("tea");
    EXPECT_EQ(again.epoch, epoch);
    EXPECT_THAT(data_of(again.newest), ElementsAre("2"));
}

TEST_F(HistoryEngineTest, ADamagedGroupIsToldAndNothingIsDoneForItBeforeItIsOpenedAgain) {
    start();
    const std::string epoch = open("tea").epoch;
    const std::string coffee = open("coffee").epoch;
    ask(append("tea", "one lump"));
    hubs_[0].next<LogAppended>();
    engine_.reset();
    change("one lump", "ten lump");
    start();
    ask(open_unread("tea"), open_unread("coffee", 1));
    EXPECT_EQ(hubs_[0].next<LogOpened>().epoch, epoch);
    EXPECT_EQ(hubs_[1].next<LogOpened>().epoch, coffee);
    const core::ReadLog read{.home = 0, .group = named("tea"), .read = 1, .after = 0, .bytes_max = kAll};
    ask(read, append("tea", "2"));
    EXPECT_EQ(hubs_[0].next<LogRead>().trouble, LogTrouble::damaged);
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 2u);
    const LogOpened told = hubs_[0].next<LogOpened>();
    EXPECT_EQ(told.trouble, LogTrouble::damaged);
    EXPECT_THAT(told.epoch, IsEmpty());
    ask(append("tea", "dropped"));
    const LogOpened opened = open("tea");
    EXPECT_EQ(opened.trouble, LogTrouble::damaged);
    EXPECT_NE(opened.epoch, epoch);
    EXPECT_EQ(opened.offset, 0u);
    EXPECT_THAT(opened.newest, IsEmpty());
    EXPECT_EQ(open("tea").trouble, LogTrouble::none);
    EXPECT_EQ(open("coffee").epoch, coffee);
}

TEST_F(HistoryEngineTest, DamageFoundWhenAGroupIsOpenedBeginsItAnew) {
    start();
    const std::string epoch = open("tea").epoch;
    ask(append("tea", "one lump"));
    hubs_[0].next<LogAppended>();
    engine_.reset();
    change("one lump", "ten lump");
    start();
    const LogOpened opened = open("tea");
    EXPECT_EQ(opened.trouble, LogTrouble::damaged);
    EXPECT_THAT(opened.epoch, testing::AllOf(testing::Ne(epoch), SizeIs(8)));
    EXPECT_THAT(opened.newest, IsEmpty());
    ask(append("tea", "1"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 1u);
}

TEST_F(HistoryEngineTest, DamageFoundInALogThatIsFullBeginsTheGroupAnew) {
    limits_.bytes_max = 64 << 10;
    start();
    open("tea");
    ask(append("tea", "one lump"));
    hubs_[0].next<LogAppended>();
    open("coffee");
    for (int n = 0; n < 100; ++n) {
        ask(append("coffee", std::string(1'000, 'x')));
        hubs_[0].next<LogAppended>();
    }
    engine_.reset();
    change("one lump", "ten lump");
    start();
    EXPECT_EQ(open("tea").trouble, LogTrouble::damaged);
    ask(append("tea", "1"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 1u);
}

TEST_F(HistoryEngineTest, TellsWhichOpeningItIsAbout) {
    start();
    const LogOpened first = open("tea", 5);
    EXPECT_EQ(first.number, 5u);
    ask(append("tea", "one lump"));
    hubs_[0].next<LogAppended>();
    ask(core::CloseLog{.group = named("tea")});
    engine_.reset();
    change("one lump", "ten lump");
    start();
    ask(open_unread("tea"));
    EXPECT_EQ(hubs_[0].next<LogOpened>().number, 1u);
    ask(read_log("tea", 1));
    EXPECT_EQ(hubs_[0].next<LogRead>().trouble, LogTrouble::damaged);
    const LogOpened damaged = hubs_[0].next<LogOpened>();
    EXPECT_THAT(damaged.epoch, IsEmpty());
    EXPECT_EQ(damaged.number, 1u);
    EXPECT_EQ(open("tea", 9).number, 9u);
    disk_.fail_after(0, store::FaultyDisk::Fault::disk_is_full);
    const LogOpened refused = open("coffee", 10);
    EXPECT_EQ(refused.trouble, LogTrouble::full);
    EXPECT_EQ(refused.number, 10u);
}

TEST_F(HistoryEngineTest, WhatIsWrittenToAGroupThatIsOpenedAgainIsDroppedUntilThatIsAnswered) {
    start();
    open("tea");
    ask(append("tea", "1"), open_log("tea", 0, 2), append("tea", "2"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().count, 1u);
    EXPECT_EQ(hubs_[0].next<LogOpened>().offset, 1u);
    ask(append("tea", "3"));
    EXPECT_EQ(hubs_[0].next<LogAppended>().offset, 2u);
}

TEST_F(HistoryEngineTest, ADamagedLogIsToldToAllThatAreOpen) {
    start();
    ask(open_log("tea", 0), open_log("coffee", 1));
    const std::string epoch = hubs_[0].next<LogOpened>().epoch;
    hubs_[1].next<LogOpened>();
    for (int n = 0; n < 200; ++n)
        ask(append("tea", std::string(1'000, 'x')));
    for (std::uint64_t count = 0; count < 200;)
        count += hubs_[0].next<LogAppended>().count;
    start();
    ask(open_unread("tea"), open_unread("coffee", 1));
    EXPECT_EQ(hubs_[0].next<LogOpened>().epoch, epoch);
    hubs_[1].next<LogOpened>();
    {
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(folder_ / "history.db"));
        std::fstream file(folder_ / "history.db", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(4 * 4'096);
        file << std::string(static_cast<std::size_t>(size - 4 * 4'096), '\5');
    }
    ask(core::ReadLog{.home = 0, .group = named("tea"), .read = 1, .after = 0, .bytes_max = kAll});
    EXPECT_EQ(hubs_[0].next<LogRead>().trouble, LogTrouble::damaged);
    EXPECT_EQ(hubs_[0].next<LogOpened>().trouble, LogTrouble::damaged);
    EXPECT_EQ(hubs_[1].next<LogOpened>().trouble, LogTrouble::damaged);
    const LogOpened opened = open("tea");
    EXPECT_EQ(opened.trouble, LogTrouble::damaged);
    EXPECT_THAT(opened.epoch, testing::AllOf(testing::Ne(epoch), SizeIs(8)));
}

TEST_F(HistoryEngineTest, SaysThatItIsCongestedUntilItHasCaughtUp) {
    make({.commands_waiting_max = 10});
    std::vector<core::HistoryCommand> commands;
    for (int n = 0; n < 11; ++n)
        commands.emplace_back(open_log("group " + std::to_string(n)));
    EXPECT_FALSE(engine_->is_congested());
    engine_->receive(std::move(commands));
    EXPECT_TRUE(engine_->is_congested());
    engine_->start();
    for (int n = 0; n < 11; ++n)
        hubs_[0].next<LogOpened>();
    EXPECT_FALSE(engine_->is_congested());
}

TEST_F(HistoryEngineTest, IsCongestedByBytesToo) {
    make({.bytes_waiting_max = 10'000});
    ask(append("tea", std::string(20'000, 'x')));
    EXPECT_TRUE(engine_->is_congested());
}

TEST_F(HistoryEngineTest, IsCongestedByWhatOpeningLogsWillTakeToo) {
    make();
    for (int n = 0; n < 255; ++n)
        ask(open_log("group " + std::to_string(n)));
    EXPECT_FALSE(engine_->is_congested());
    ask(open_log("group 255"));
    EXPECT_TRUE(engine_->is_congested());
}

TEST_F(HistoryEngineTest, IsNotCongestedByTheFewPagesThatManyWorkersRead) {
    make();
    constexpr std::uint64_t kPages = 64 * core::LogReads::kAtOnceMax;
    for (std::uint64_t number = 1; number <= kPages; ++number)
        ask(read_log("tea", number, 512 << 10));
    EXPECT_FALSE(engine_->is_congested());
}

TEST_F(HistoryEngineTest, AnswersWhatWasReceivedBeforeItStops) {
    start({.commands_per_commit_max = 3});
    open("tea");
    std::vector<core::HistoryCommand> commands;
    for (int n = 0; n < 100; ++n)
        commands.emplace_back(append("tea", "x"));
    engine_->receive(std::move(commands));
    engine_->stop();
    std::uint64_t count = 0;
    while (hubs_[0].was_told_more())
        count += hubs_[0].next<LogAppended>().count;
    EXPECT_EQ(count, 100u);
}

TEST_F(HistoryEngineTest, DeletesWhatIsTooOldWithoutBeingAsked) {
    limits_.age_max = base::Millis{1};
    start({.idle_interval = base::Millis{1}});
    open("tea");
    ask(append("tea", "1"), append("tea", "2"));
    hubs_[0].next<LogAppended>();
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    for (LogOpened opened = open("tea"); opened.first != 3; opened = open("tea"))
        ASSERT_LT(std::chrono::steady_clock::now(), until);
}

TEST_F(HistoryEngineTest, ServesManyWorkersAtOnce) {
    start();
    static constexpr std::uint64_t kPosts = 500;
    const auto work = [this](core::WorkerIndex self) {
        const std::string group = "group of " + std::to_string(self);
        ask(open_log(group, self));
        hubs_[self].next<LogOpened>();
        std::uint64_t asked = 0;
        std::uint64_t answered = 0;
        while (answered < kPosts) {
            for (; asked < std::min(kPosts, answered + 16); ++asked)
                ask(append(group, "post " + std::to_string(asked), self));
            const LogAppended appended = hubs_[self].next<LogAppended>();
            ASSERT_EQ(appended.trouble, LogTrouble::none);
            ASSERT_EQ(appended.offset, answered + 1);
            answered += appended.count;
        }
    };
    std::vector<std::thread> workers;
    for (core::WorkerIndex self = 0; self < kWorkers; ++self)
        workers.emplace_back(work, self);
    for (std::thread& worker : workers)
        worker.join();
}

}  // namespace
}  // namespace pipit::net
