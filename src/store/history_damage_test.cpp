// PIPIT_DAMAGES=20000 makes the random part long; PIPIT_SEED=… gives it another beginning.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "store/history_checksum.hpp"
#include "store/testing/faulty_disk.hpp"
#include "store/testing/histories.hpp"

namespace pipit::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Files = std::map<std::string, std::string>;

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Changes the first place where `from` stands in the file.
void change(const fs::path& path, const std::string& from, const std::string& to) {
    std::string bytes = read_file(path);
    const auto place = bytes.find(from);
    ASSERT_NE(place, bytes.npos);
    write_file(path, bytes.replace(place, from.size(), to));
}

class HistoryDamage : public testing::Test {
 protected:
    std::unique_ptr<HistoryLog> open() {
        return ok(HistoryLog::open({.folder = folder_.text(), .vfs = vfs_}, random_, kHistoryNow));
    }
    std::string epoch(HistoryLog& log, const std::string& group) { return ok(log.find(group)).value().epoch; }

    TestFolder folder_;
    SeededBytes random_{1};
    std::string vfs_;
};

// One group.

TEST_F(HistoryDamage, ARecordThatIsNotWhatWasWrittenIsNotRead) {
    {
        const auto log = open();
        ok(say(*log, "tea", "one lump"));
        ok(say(*log, "tea", "two lumps"));
        ok(say(*log, "coffee", "black"));
    }
    change(folder_ / "history.db", "two lumps", "ten lumps");
    const auto log = open();
    const auto refused = log->read("tea", 0, 2, 1'000);
    EXPECT_EQ(fault(refused), HistoryFault::group_damaged);
    EXPECT_EQ(refused.error().message, "record 2 of the group \"tea\" is not what was written");
    EXPECT_EQ(fault(log->newest("tea", 2, {.records_max = 9, .bytes_max = 1'000})),
              HistoryFault::group_damaged);
    EXPECT_EQ(fault(log->read_messages("tea", 9, 2, 9, 1'000)), HistoryFault::group_damaged);
    EXPECT_THAT(ok(all(*log, "coffee")), ElementsAre("black"));
    EXPECT_EQ(log->take_damage(), std::nullopt);
}

TEST_F(HistoryDamage, KeysAreReadWithoutTheDataOfTheirPosts) {
    {
        const auto log = open();
        ok(log->begin(kHistoryNow));
        ok(log->create("tea"));
        ok(log->append("tea", message("one lump", "first key")));
        ok(log->append("tea", message("two lumps", "second key")));
        ok(log->commit());
    }
    const NewestWanted keys{.keys_max = 9};
    change(folder_ / "history.db", "one lump", "ten lump");
    EXPECT_THAT(ok(open()->newest("tea", 2, keys)).keys, SizeIs(2));
    change(folder_ / "history.db", "first key", "worst key");
    const auto refused = open()->newest("tea", 2, keys);
    EXPECT_EQ(fault(refused), HistoryFault::group_damaged);
    EXPECT_EQ(refused.error().message, "record 1 of the group \"tea\" is not what was written");
}

TEST_F(HistoryDamage, AHoleIsFound) {
    {
        const auto log = open();
        for (const char* data : {"1", "2", "3", "4"})
            ok(say(*log, "tea", data));
    }
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "history.db").c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, "DELETE FROM records WHERE data = CAST('3' AS BLOB)", nullptr, nullptr,
                           nullptr),
              SQLITE_OK);
    ASSERT_EQ(sqlite3_changes(database), 1);
    sqlite3_close(database);
    const auto log = open();
    EXPECT_EQ(fault(log->read("tea", 0, 4, 1'000)), HistoryFault::group_damaged);
    EXPECT_EQ(fault(log->read("tea", 2, 3, 1'000)), HistoryFault::group_damaged);
    EXPECT_EQ(fault(log->read_messages("tea", 9, 4, 9, 1'000)), HistoryFault::group_damaged);
    EXPECT_THAT(ok(log->read("tea", 3, 4, 1'000)), SizeIs(1));
}

TEST_F(HistoryDamage, AGroupBeginsAnewWithoutWhatIsDamagedAndThatGoesInItsTime) {
    {
        const auto log = open();
        ok(say(*log, "tea", "one lump"));
        ok(say(*log, "tea", "two lumps"));
    }
    change(folder_ / "history.db", "one lump", "ten lump");
    const auto log = open();
    const std::string before = epoch(*log, "tea");
    ok(log->begin(kHistoryNow));
    const HistoryPlace anew = ok(log->begin_anew("tea"));
    EXPECT_NE(anew.epoch, before);
    EXPECT_EQ(ok(log->append("tea", message("a new pot"))), 1u);
    ok(log->commit());
    EXPECT_THAT(ok(all(*log, "tea")), ElementsAre("a new pot"));
    EXPECT_THAT(read_file(folder_ / "history.db"), HasSubstr("two lumps"));
    for (const UnixMs days : {30, 60}) {  // first the records, then what is known of the group
        while (ok(log->expire(kHistoryNow + days * 86'400'000))) {
        }
    }
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
}

// The whole log.

TEST_F(HistoryDamage, AFileThatIsNoDatabaseIsPutAsideAndTheLogBeginsAnew) {
    write_file(folder_ / "history.db", std::string(20'000, 'x'));
    const auto log = open();
    EXPECT_EQ(fault(log->find("tea")), HistoryFault::damaged);
    EXPECT_EQ(fault(log->begin(kHistoryNow)), HistoryFault::damaged);
    const auto damage = log->take_damage();
    ASSERT_TRUE(damage.has_value());
    EXPECT_THAT(*damage, HasSubstr("history-damaged-20270115T080000Z.db"));
    EXPECT_EQ(read_file(folder_ / "history-damaged-20270115T080000Z.db"), std::string(20'000, 'x'));
    EXPECT_EQ(ok(say(*log, "tea", "1")), 1u);
}

TEST_F(HistoryDamage, NothingThatWasPutAsideIsOverwritten) {
    for (const char* content : {"a", "b", "c"}) {
        write_file(folder_ / "history.db", std::string(20'000, content[0]));
        const auto log = open();
        EXPECT_TRUE(log->take_damage().has_value());
    }
    EXPECT_THAT(
        folder_.files("history-damaged"),
        ElementsAre("history-damaged-20270115T080000Z-2.db", "history-damaged-20270115T080000Z-2.witness",
                    "history-damaged-20270115T080000Z-3.db", "history-damaged-20270115T080000Z-3.witness",
                    "history-damaged-20270115T080000Z.db"));
}

TEST_F(HistoryDamage, ADatabaseThatIsGoneIsMissed) {
    ok(say(*open(), "tea", "1"));
    fs::remove(folder_ / "history.db");
    const auto log = open();
    EXPECT_THAT(log->take_damage().value(), HasSubstr("the database is missing"));
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
}

TEST_F(HistoryDamage, AnOlderDatabaseIsNotTakenForThePresentOne) {
    ok(say(*open(), "tea", "1"));
    const std::string before = read_file(folder_ / "history.db");
    ok(say(*open(), "tea", "2"));
    write_file(folder_ / "history.db", before);
    const auto log = open();
    EXPECT_THAT(log->take_damage().value(), HasSubstr("1 commits are missing at its end"));
}

TEST_F(HistoryDamage, AnotherLogsDatabaseIsNotTakenForThisOne) {
    TestFolder other;
    ok(say(*ok(HistoryLog::open({.folder = other.text()}, random_, kHistoryNow)), "tea", "1"));
    ok(say(*open(), "tea", "2"));
    fs::copy_file(other / "history.db", folder_ / "history.db", fs::copy_options::overwrite_existing);
    EXPECT_THAT(open()->take_damage().value(), HasSubstr("another log"));
}

TEST_F(HistoryDamage, AWitnessThatIsMissingOrDamagedCountsAsDamage) {
    ok(say(*open(), "tea", "1"));
    fs::remove(folder_ / "history.witness");
    EXPECT_THAT(open()->take_damage().value(), HasSubstr("is missing"));
    ok(say(*open(), "tea", "1"));
    write_file(folder_ / "history.witness", "x");
    EXPECT_THAT(open()->take_damage().value(), HasSubstr("is not what was written"));
    ok(say(*open(), "tea", "1"));
    write_file(folder_ / "history.witness", "");
    EXPECT_THAT(open()->take_damage().value(), HasSubstr("is missing"));
}

TEST_F(HistoryDamage, DamageThatShowsWhileItRunsIsPutAsideToo) {
    FaultyDisk disk;
    vfs_ = disk.vfs();
    {
        const auto log = open();
        for (int n = 0; n < 200; ++n)
            ok(say(*log, "tea", std::string(1'000, 'x')));
    }
    const auto log = open();
    // All pages but the first ones.
    std::string bytes = read_file(folder_ / "history.db");
    std::fill(bytes.begin() + 4 * 4'096, bytes.end(), '\x05');
    write_file(folder_ / "history.db", bytes);
    EXPECT_EQ(fault(log->read("tea", 0, 200, 1'000'000)), HistoryFault::damaged);
    EXPECT_TRUE(log->take_damage().has_value());
    EXPECT_EQ(ok(log->find("tea")), std::nullopt);
    EXPECT_EQ(ok(say(*log, "tea", "1")), 1u);
}

TEST_F(HistoryDamage, ALogOfALaterVersionIsLeftAlone) {
    ok(say(*open(), "tea", "1"));
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "history.db").c_str(), &database), SQLITE_OK);
    sqlite3_stmt* row = nullptr;
    ASSERT_EQ(
        sqlite3_prepare_v2(database, "SELECT log, sequence, streams, digest FROM log", -1, &row, nullptr),
        SQLITE_OK);
    ASSERT_EQ(sqlite3_step(row), SQLITE_ROW);
    const std::uint32_t checksum =
        HistoryChecksum()
            .add(2)
            .add(std::string_view(static_cast<const char*>(sqlite3_column_blob(row, 0)), 8))
            .add(sqlite3_column_int64(row, 1))
            .add(sqlite3_column_int64(row, 2))
            .add(sqlite3_column_int64(row, 3))
            .value();
    sqlite3_finalize(row);
    const std::string later = "UPDATE log SET format = 2, checksum = " + std::to_string(checksum);
    ASSERT_EQ(sqlite3_exec(database, later.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
    EXPECT_EQ(fault(HistoryLog::open({.folder = folder_.text()}, random_, kHistoryNow)),
              HistoryFault::newer_format);
    EXPECT_THAT(folder_.files("history-damaged"), IsEmpty());
}

// Anywhere.

/// The files of a log whose process was killed, and what was acknowledged.
struct Killed {
    Files files;
    std::map<std::string, std::vector<std::string>> said;
};

Killed write_and_kill(int commits, std::size_t wal_pages) {
    TestFolder folder;
    FaultyDisk disk;
    SeededBytes random(1);
    Killed killed;
    auto log = ok(HistoryLog::open({.folder = folder.text(), .vfs = disk.vfs(), .wal_pages = wal_pages},
                                   random, kHistoryNow));
    for (int n = 0; n < commits; ++n) {
        const std::string group = "group " + std::to_string(n % 3);
        const std::string data = "data " + std::to_string(n) + std::string(n % 7 == 0 ? 6'000 : 20, 'x');
        ok(say(*log, group, data));
        killed.said[group].push_back(data);
    }
    disk.stop();
    log.reset();
    for (const char* name : {"history.db", "history.db-wal", "history.witness"})
        killed.files[name] = read_file(folder / name);
    return killed;
}

/// One damage at a random place; what it is.
std::string damage(Files& files, SeededBytes& random) {
    auto file = files.begin();
    // Most of it where most of the bytes are, and some everywhere.
    std::advance(file, static_cast<std::ptrdiff_t>(random.below(files.size())));
    std::string& bytes = file->second;
    if (bytes.empty()) return "none";
    const std::size_t place = random.below(bytes.size());
    const std::string where = file->first + " at " + std::to_string(place);
    switch (random.below(4)) {
        case 0:
            bytes.resize(place);
            return where + " cut off";
        case 1:
            bytes[place] = static_cast<char>(bytes[place] ^ (1 << random.below(8)));
            return where + " one bit";
        case 2:
            for (std::size_t n = place; n < std::min(bytes.size(), place + 4); ++n)
                bytes[n] = static_cast<char>(random.below(256));
            return where + " four bytes";
        default: {
            const std::size_t begin = place / 512 * 512;
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                        std::min<std::size_t>(512, bytes.size() - begin), '\0');
            return where + " a sector of zeros";
        }
    }
}

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// True when everything is there; false when the damage was reported; a failure when neither is the case.
bool is_whole_or_reported(const Killed& killed, const Files& files) {
    TestFolder folder;
    SeededBytes random(1);
    for (const auto& [name, bytes] : files)
        write_file(folder / name, bytes);
    const auto opened = HistoryLog::open({.folder = folder.text()}, random, kHistoryNow);
    if (!opened) return false;
    HistoryLog& log = **opened;
    if (log.take_damage()) {
        // Put aside as it was found, but for what SQLite has made of the WAL.
        EXPECT_THAT(folder.files("history-damaged"), testing::Not(IsEmpty()));
        EXPECT_EQ(ok(say(log, "group 0", "anew")), 1u);
        return false;
    }
    for (const auto& [group, said] : killed.said) {
        const auto found = all(log, group);
        if (!found) return false;
        EXPECT_EQ(*found, said) << group;
        if (*found != said) return false;
    }
    return true;
}

TEST(HistoryRandomDamage, EverythingAcknowledgedIsThereOrTheDamageIsReported) {
    const std::uint64_t seed = setting("PIPIT_SEED", 1);
    const std::uint64_t rounds = setting("PIPIT_DAMAGES", 600);
    const std::vector<Killed> logs{write_and_kill(30, 1'000), write_and_kill(60, 20),
                                   write_and_kill(3, 1'000)};
    for (const Killed& killed : logs)
        EXPECT_TRUE(is_whole_or_reported(killed, killed.files)) << "without any damage";
    SeededBytes random(seed);
    std::uint64_t whole = 0;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const Killed& killed = logs[round % logs.size()];
        Files files = killed.files;
        const std::string what = damage(files, random);
        SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ": " + what);
        whole += is_whole_or_reported(killed, files) ? 1 : 0;
        if (testing::Test::HasFailure()) return;
    }
    std::printf("%llu damages, %llu of them where nothing was kept, seed %llu\n",
                static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(whole),
                static_cast<unsigned long long>(seed));
    EXPECT_LT(whole, rounds);
}

}  // namespace
}  // namespace pipit::store
