#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <sys/mount.h>
#include <sys/resource.h>
#include <vector>

#include "store/testing/histories.hpp"

namespace pipit::store {
namespace {

using testing::ElementsAreArray;

/// A real disk of 2 MiB, in memory. Only root may mount one.
class SmallDisk : public testing::Test {
 protected:
    void SetUp() override {
        is_mounted_ = ::mount("tmpfs", folder_.text().c_str(), "tmpfs", 0, "size=2m") == 0;
        if (!is_mounted_) {
            GTEST_SKIP() << "a disk that is really full needs root, who may mount one: "
                         << std::strerror(errno);
        }
    }
    void TearDown() override {
        if (is_mounted_) ::umount2(folder_.text().c_str(), MNT_DETACH);
    }

    std::unique_ptr<HistoryLog> open(const HistoryLimits& limits = {}) {
        return ok(HistoryLog::open({.folder = folder_.text(), .limits = limits, .wal_pages = 64}, random_,
                                   kHistoryNow));
    }
    /// Until the disk takes no more; what was acknowledged.
    static std::vector<std::string> write_until_full(HistoryLog& log) {
        std::vector<std::string> said;
        for (int n = 0; n < 10'000; ++n) {
            const std::string data = std::to_string(n) + std::string(1'000, 'x');
            const auto offset = say(log, "tea", data);
            if (!offset) {
                EXPECT_EQ(offset.error().fault, HistoryFault::disk_full);
                return said;
            }
            said.push_back(data);
        }
        ADD_FAILURE() << "it is never full";
        return said;
    }
    void take_room(std::size_t bytes) const {
        std::ofstream(folder_ / "other", std::ios::binary) << std::string(bytes, 'x');
    }
    void give_room() const { std::filesystem::remove(folder_ / "other"); }

    TestFolder folder_;
    SeededBytes random_{1};

 private:
    bool is_mounted_ = false;
};

TEST_F(SmallDisk, RefusesWhatHasNoRoomAndKeepsWhatWasAcknowledged) {
    take_room(1 << 20);
    const auto log = open();
    std::vector<std::string> said = write_until_full(*log);
    ASSERT_GT(said.size(), 100u);
    EXPECT_THAT(ok(all(*log, "tea")), ElementsAreArray(said));
    EXPECT_EQ(fault(say(*log, "tea", "refused")), HistoryFault::disk_full);
    give_room();
    said.push_back("there is room again");
    EXPECT_EQ(ok(say(*log, "tea", said.back())), said.size());
    EXPECT_THAT(ok(all(*log, "tea")), ElementsAreArray(said));
}

TEST_F(SmallDisk, OpensWhenItIsFullAndReads) {
    take_room(1 << 20);
    std::vector<std::string> said;
    {
        const auto log = open();
        said = write_until_full(*log);
    }
    take_room(2 << 20);  // whatever is left
    const auto log = open();
    EXPECT_EQ(log->take_damage(), std::nullopt);
    EXPECT_THAT(ok(all(*log, "tea")), ElementsAreArray(said));
}

TEST_F(SmallDisk, BeginsWhenThereIsRoomAfterAll) {
    take_room(2 << 20);
    const auto log = open();
    EXPECT_EQ(fault(say(*log, "tea", "1")), HistoryFault::disk_full);
    give_room();
    EXPECT_EQ(ok(say(*log, "tea", "1")), 1u);
}

TEST_F(SmallDisk, IsNeverFullOfALogThatKeepsToItsLimit) {
    const auto log = open({.bytes_max = 1 << 20});
    for (int n = 0; n < 5'000; ++n)
        ok(say(*log, "group " + std::to_string(n % 7), std::string(1'000, 'x')));
}

/// As with a quota: the system refuses in another way than on a disk that is full.
class NoLargeFiles {
 public:
    explicit NoLargeFiles(rlim_t bytes_max) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes_max, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~NoLargeFiles() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    NoLargeFiles(const NoLargeFiles&) = delete;
    NoLargeFiles& operator=(const NoLargeFiles&) = delete;

 private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

TEST(HistoryQuota, IsLikeAFullDisk) {
    TestFolder folder;
    SeededBytes random(1);
    const auto log = ok(HistoryLog::open({.folder = folder.text()}, random, kHistoryNow));
    ok(say(*log, "tea", "1"));
    std::optional<HistoryFault> refused;
    {
        const NoLargeFiles limit(256 << 10);
        for (int n = 0; n < 100 && !refused; ++n) {
            const auto said = say(*log, "coffee", std::string(10'000, 'x'));
            if (!said) refused = said.error().fault;
        }
    }
    EXPECT_EQ(refused, HistoryFault::disk_full);
    EXPECT_EQ(ok(say(*log, "tea", "2")), 2u);
    EXPECT_EQ(log->take_damage(), std::nullopt);
}

TEST(HistoryQuota, AppliesToTheDatabaseAsToTheWal) {
    TestFolder folder;
    SeededBytes random(1);
    const HistoryLog::Settings settings{.folder = folder.text(), .wal_pages = 16};
    const auto log = ok(HistoryLog::open(settings, random, kHistoryNow));
    std::optional<HistoryFault> refused;
    {
        const NoLargeFiles limit(1 << 20);
        for (int n = 0; n < 400 && !refused; ++n) {
            const auto said = say(*log, "tea", std::string(10'000, 'x'));
            if (!said) refused = said.error().fault;
        }
    }
    EXPECT_EQ(refused, HistoryFault::disk_full);
    ok(say(*log, "tea", "2"));
}

}  // namespace
}  // namespace pipit::store
