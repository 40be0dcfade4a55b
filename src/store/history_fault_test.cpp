#include <gmock/gmock.h>
#include <map>
#include <string>
#include <vector>

#include "store/testing/faulty_disk.hpp"
#include "store/testing/histories.hpp"

namespace pipit::store {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

using Fault = FaultyDisk::Fault;
using Texts = std::vector<std::string>;

constexpr int kCommits = 14;
constexpr std::size_t kKept = 5;  // of each group

/// Writes to some groups through a disk that fails once, and remembers what was acknowledged.
class Writing {
 public:
    explicit Writing(FaultyDisk& disk) : disk_(disk) {}

    /// False: it could not even be opened, because of the fault.
    bool open() {
        // So small that the WAL goes into the database again and again.
        auto opened = HistoryLog::open(
            {.folder = folder_.text(), .limits = {.records_max = kKept}, .vfs = disk_.vfs(), .wal_pages = 12},
            random_, kHistoryNow);
        if (opened) log_ = std::move(opened).value();
        return log_ != nullptr;
    }

    /// One commit to three groups of five; true when it was acknowledged. With `anew`, the first of them
    /// begins anew in it.
    bool write(bool anew = false) {
        const int commit = commits_++;
        if (!log_->begin(kHistoryNow)) return false;
        std::vector<std::pair<std::string, std::string>> said;
        for (int n = 0; n < 3; ++n) {
            const std::string group = "group " + std::to_string((commit + n) % 5);
            const auto found = log_->find(group);
            if (found && !*found) (void)log_->create(group);
            if (anew && n == 0) (void)log_->begin_anew(group);
            // Now and then one that takes pages of its own.
            const std::string data = std::to_string(commit) + "." + std::to_string(n) +
                                     std::string(commit % 4 == 0 ? 9'000 : 10, 'x');
            if (log_->append(group, message(data))) said.emplace_back(group, data);
        }
        const bool kept = bool(log_->commit());
        if (kept && anew) acknowledged_[said.front().first].clear();
        for (const auto& [group, data] : said) {
            if (kept) acknowledged_[group].push_back(data);
        }
        return kept;
    }

    /// What is kept of each group is the end of what was acknowledged, and all that should be kept.
    void expect_exactly_what_was_acknowledged() {
        for (const auto& [group, said] : acknowledged_)
            expect_end_of(said, ok(all(*log_, group)), group);
    }

    /// The process dies, and all that it has not synced is lost, too.
    void power_cut_and_expect_all_that_was_acknowledged() {
        disk_.stop();
        log_.reset();
        disk_.forget_unsynced();
        const auto log = ok(HistoryLog::open({.folder = folder_.text()}, random_, kHistoryNow));
        EXPECT_EQ(log->take_damage(), std::nullopt);
        for (const auto& [group, said] : acknowledged_) {
            Texts found = ok(all(*log, group));
            // Of a commit that was refused because nobody knows, all may be there.
            while (!found.empty() && found.back() != said.back())
                found.pop_back();
            expect_end_of(said, found, group);
        }
    }

    HistoryLog& log() { return *log_; }

 private:
    static void expect_end_of(const Texts& said, const Texts& found, const std::string& group) {
        // A commit that was refused and taken back may have deleted one to make room.
        const std::size_t count = std::min<std::size_t>(said.size(), kKept - 1);
        ASSERT_GE(found.size(), count) << group;
        ASSERT_LE(found.size(), said.size()) << group;
        ASSERT_THAT(found,
                    ElementsAreArray(said.end() - static_cast<std::ptrdiff_t>(found.size()), said.end()))
            << group;
    }

    FaultyDisk& disk_;
    TestFolder folder_;
    SeededBytes random_{1};
    std::unique_ptr<HistoryLog> log_;
    int commits_ = 0;
    std::map<std::string, Texts> acknowledged_;
};

class HistoryFaults : public testing::TestWithParam<Fault> {
 protected:
    /// Runs `test` with the first operation failing, then with the second, and so on, until none has failed.
    template <class Test>
    static void fail_each_in_turn(Test test) {
        std::uint64_t after = 0;
        for (bool has_failed = true; has_failed; ++after) {
            SCOPED_TRACE("after " + std::to_string(after) + " operations");
            FaultyDisk disk;
            disk.fail_after(after, GetParam());
            test(disk);
            if (testing::Test::HasFailure()) return;
            has_failed = disk.has_failed();
        }
        EXPECT_GT(after, 15u);  // it was about something
    }
};

TEST_P(HistoryFaults, RefuseOneCommitAtMostAndNothingThatWasAcknowledgedIsMissing) {
    fail_each_in_turn([](FaultyDisk& disk) {
        Writing writing(disk);
        ASSERT_TRUE(writing.open() || writing.open());  // a fault that has passed does not count
        int refused = 0;
        for (int commit = 0; commit < kCommits; ++commit)
            refused += writing.write(commit % 3 == 1) ? 0 : 1;
        EXPECT_LE(refused, 1);
        EXPECT_EQ(writing.log().take_damage(), std::nullopt);
        writing.expect_exactly_what_was_acknowledged();
    });
}

TEST_P(HistoryFaults, APowerCutAfterwardsTakesNothingThatWasAcknowledged) {
    fail_each_in_turn([](FaultyDisk& disk) {
        Writing writing(disk);
        ASSERT_TRUE(writing.open() || writing.open());  // a fault that has passed does not count
        // Cut at different distances from the fault.
        for (int commit = 0; commit < kCommits && !disk.has_failed(); ++commit)
            writing.write();
        static int more = 0;
        for (int commit = 0; commit < more % 5; ++commit)
            writing.write();
        ++more;
        writing.power_cut_and_expect_all_that_was_acknowledged();
    });
}

std::string name_of(const testing::TestParamInfo<Fault>& tested) {
    static const std::map<Fault, std::string> names{{Fault::write_fails, "WriteFails"},
                                                    {Fault::write_is_cut, "WriteIsCut"},
                                                    {Fault::disk_is_full, "DiskIsFull"},
                                                    {Fault::sync_fails, "SyncFails"}};
    return names.at(tested.param);
}

INSTANTIATE_TEST_SUITE_P(Kinds, HistoryFaults,
                         testing::Values(Fault::write_fails, Fault::write_is_cut, Fault::disk_is_full,
                                         Fault::sync_fails),
                         name_of);

TEST(HistoryPowerCut, AtAnyOperationTakesNothingThatWasAcknowledged) {
    std::uint64_t after = 0;
    for (bool has_failed = true; has_failed; ++after) {
        SCOPED_TRACE("after " + std::to_string(after) + " operations");
        FaultyDisk disk;
        disk.fail_after(after, Fault::power_fails);
        Writing writing(disk);
        if (!writing.open()) continue;
        for (int commit = 0; commit < kCommits; ++commit)
            writing.write();
        has_failed = disk.has_failed();
        writing.power_cut_and_expect_all_that_was_acknowledged();
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(after, 50u);
}

TEST(HistoryFault, SaysWhatItIs) {
    const std::map<Fault, HistoryFault> said{{Fault::write_fails, HistoryFault::failed},
                                             {Fault::write_is_cut, HistoryFault::failed},
                                             {Fault::disk_is_full, HistoryFault::disk_full},
                                             {Fault::sync_fails, HistoryFault::sync_failed}};
    for (const auto& [happens, expected] : said) {
        FaultyDisk disk;
        TestFolder folder;
        SeededBytes random(1);
        const auto log =
            ok(HistoryLog::open({.folder = folder.text(), .vfs = disk.vfs()}, random, kHistoryNow));
        ok(say(*log, "tea", "1"));
        disk.fail_after(0, happens);
        EXPECT_EQ(fault(say(*log, "tea", "2")), expected);
        EXPECT_EQ(ok(say(*log, "tea", "3")), 2u);
        EXPECT_THAT(ok(all(*log, "tea")), ElementsAre("1", "3"));
    }
}

}  // namespace
}  // namespace pipit::store
