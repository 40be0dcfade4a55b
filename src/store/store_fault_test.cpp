#include <filesystem>
#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "store/testing/databases.hpp"

namespace pipit::store {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::vector<std::string> kNobody{"nobody"};

/// Root may write to any file; so the test is nobody for a while.
class Unprivileged {
 public:
    Unprivileged() : was_(::geteuid()) {
        if (was_ == 0) PIPIT_ASSERT(::seteuid(kNobodysUser) == 0);
    }
    ~Unprivileged() {
        if (was_ == 0) PIPIT_ASSERT(::seteuid(was_) == 0);
    }

 private:
    static constexpr uid_t kNobodysUser = 65'534;
    const uid_t was_;
};

class StoreFaults : public StoreTest {
 protected:
    bool is_sqlite() const { return GetParam() == Dialect::sqlite; }

    void make_read_only() const {
        if (is_sqlite()) {
            ::chmod(database_.file().parent_path().c_str(), 0777);
            ::chmod(database_.file().c_str(), 0444);
        } else {
            const auto name = database_.text("SELECT current_database()");
            database_.execute("ALTER DATABASE " + name + " SET default_transaction_read_only = on");
        }
    }

    /// From now on there is soon no room for another notification.
    void fill_disk(Database& database) const {
        if (is_sqlite()) {
            std::int64_t pages = 0;
            database.sql() << "PRAGMA page_count", soci::into(pages);
            database.sql() << "PRAGMA max_page_count = " + std::to_string(pages + 3);
        } else {
            // What the server says when a write does not find room; filling its disk would hurt others.
            database.sql() << "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                              "$$ BEGIN IF NEW.id > 20 THEN RAISE EXCEPTION 'could not extend file' "
                              "USING ERRCODE = '53100'; END IF; RETURN NEW; END $$";
            database.sql() << "CREATE TRIGGER full_disk BEFORE INSERT ON notifications "
                              "FOR EACH ROW EXECUTE FUNCTION full_disk()";
        }
    }

    void make_room(Database& database) const {
        if (is_sqlite()) {
            database.sql() << "PRAGMA max_page_count = 100000";
        } else {
            database.sql() << "DROP TRIGGER full_disk ON notifications";
        }
    }
};

TEST(StoreUrl, NamesADatabaseThatWeKnow) {
    for (const char* url : {"", "pipit.db", "mysql://host/pipit", "sqlite://pipit.db", "sqlite:///a\"b"}) {
        EXPECT_EQ(fault(Database::open(url)), StoreFault::failed) << url;
    }
}

TEST(StoreUrl, MustLeadSomewhere) {
    EXPECT_EQ(fault(Database::open("sqlite:///no/such/folder/pipit.db")), StoreFault::unreachable);
    for (const char* scheme : {"postgresql", "postgres"}) {
        const std::string url = scheme + std::string(":///pipit?host=/no/such/folder");
        EXPECT_EQ(fault(Database::open(url)), StoreFault::unreachable) << url;
    }
}

TEST(StoreUrl, IsNotRepeatedInErrors) {
    const auto refused = Database::open("postgresql://pipit:secret@/pipit?host=/no/such/folder");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("No such file or directory"));
    EXPECT_THAT(refused.error().message, StartsWith("connection to server"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
}

TEST(SqliteFile, IsForItsOwnerAlone) {
    const TestDatabase database(Dialect::sqlite);
    const auto store = ok(PushStore::open(database.url(), {}, "here"));
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const auto mode = std::filesystem::status(database.file().string() + suffix).permissions();
        EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << suffix;
    }
}

TEST(SqliteFile, NeedsAFolderThatCanBeWrittenTo) {
    for (const bool is_new : {true, false}) {
        const TestDatabase database(Dialect::sqlite);
        if (!is_new) ok(PushStore::open(database.url(), {}, "here"));
        const auto folder = database.file().parent_path();
        ::chmod(database.file().c_str(), 0666);
        ::chmod(folder.c_str(), 0555);
        const auto refused = [&] {
            const Unprivileged unprivileged;
            return PushStore::open(database.url(), {}, "here");
        }();
        ::chmod(folder.c_str(), 0755);
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message,
                    EndsWith(": the folder " + folder.string() + " cannot be written to"));
        EXPECT_THAT(refused.error().message, Not(HasSubstr("backend")));
    }
}

TEST(PostgresqlFault, AUserWithoutRightsIsToldSoInTheServersWords) {
    const TestDatabase database(Dialect::postgresql);
    database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    database.execute("DROP ROLE IF EXISTS guest");
    database.execute("CREATE ROLE guest LOGIN");
    std::string url = database.url();
    url.replace(url.find("user=pipit"), std::string_view("user=pipit").size(), "user=guest");
    const auto refused = PushStore::open(url, {}, "here");
    EXPECT_EQ(fault(refused), StoreFault::not_permitted);
    EXPECT_EQ(refused.error().message, "permission denied for schema public");
}

TEST_P(StoreFaults, SaysWhatIsWrongInTheDatabasesWordsAlone) {
    auto connection = ok(Database::open(database_.url()));
    const auto failed = connection->atomically([&]() -> Saved {
        connection->sql() << "INSERT INTO nowhere VALUES (1)";
        return std::monostate{};
    });
    EXPECT_EQ(fault(failed), StoreFault::failed);
    EXPECT_EQ(failed.error().message,
              is_sqlite() ? "no such table: nowhere" : "relation \"nowhere\" does not exist");
}

TEST_P(StoreFaults, RefusesADatabaseOfALaterVersion) {
    open();
    database_.execute("INSERT INTO schema_steps (step) VALUES (99)");
    const auto refused = PushStore::open(database_.url(), {}, "here");
    EXPECT_EQ(fault(refused), StoreFault::newer_schema);
    EXPECT_THAT(refused.error().message, HasSubstr("schema 99"));
}

TEST_P(StoreFaults, UpgradesADatabaseOfAnEarlierVersionWithWhatIsInIt) {
    {
        auto store = open();
        ok(store->subscribe(subscription("ann", "1"), kNow));
        ok(store->enqueue_for_everyone(notification("admin"), kNow));
    }
    // As the first version has left it.
    for (const char* statement :
         {"DROP TABLE former_subscriptions", "ALTER TABLE notifications DROP COLUMN told",
          "DELETE FROM schema_steps WHERE step > 1"}) {
        database_.execute(statement);
    }
    open();
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM subscriptions WHERE user_id = 'ann'"), 1);
    EXPECT_EQ(database_.number("SELECT MIN(told) FROM notifications"), 1);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM former_subscriptions"), 0);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM schema_steps"),
              database_.number("SELECT MAX(step) FROM schema_steps"));
}

TEST_P(StoreFaults, TwoThatOpenAnEmptyDatabaseAtOnceMigrateItOnce) {
    std::thread other([this] { open({}, "there"); });
    open();
    other.join();
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM schema_steps"),
              database_.number("SELECT MAX(step) FROM schema_steps"));
}

TEST_P(StoreFaults, SaysThatADatabaseTakesNoChanges) {
    ok(open()->subscribe(subscription("ann", "1"), kNow));
    make_read_only();
    std::optional<Unprivileged> unprivileged;
    if (is_sqlite()) unprivileged.emplace();
    EXPECT_EQ(fault(PushStore::open(database_.url(), {}, "here")), StoreFault::read_only);
}

TEST_P(StoreFaults, AFullDiskLosesNothingAndIsOverWhenThereIsRoom) {
    auto connection = ok(Database::open(database_.url()));
    Database& database = *connection;
    const auto store = ok(PushStore::open(std::move(connection), {}, "here"));
    fill_disk(database);
    std::vector<std::int64_t> acknowledged;
    std::optional<StoreFault> refused;
    while (!refused && acknowledged.size() < 10'000) {
        const auto id = store->enqueue(notification("a"), kNobody, kNow);
        if (id) {
            acknowledged.push_back(*id);
        } else {
            refused = id.error().fault;
        }
    }
    EXPECT_EQ(refused, StoreFault::disk_full);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications"),
              static_cast<std::int64_t>(acknowledged.size()));
    EXPECT_TRUE(ok(store->progress(acknowledged.back())).has_value());
    make_room(database);
    ok(store->enqueue(notification("a"), kNobody, kNow));
}

TEST_P(StoreFaults, AFullDiskDoesNotTakeTheRestOfATransactionAlong) {
    auto connection = ok(Database::open(database_.url()));
    Database& database = *connection;
    const auto store = ok(PushStore::open(std::move(connection), {}, "here"));
    fill_disk(database);
    ok(store->begin());
    std::int64_t acknowledged = 0;
    while (acknowledged < 10'000 && store->enqueue(notification("a"), kNobody, kNow))
        ++acknowledged;
    EXPECT_EQ(fault(store->enqueue(notification("a"), kNobody, kNow)), StoreFault::disk_full);
    ok(store->commit());
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications"), acknowledged);
}

TEST(PostgresqlFault, AServerThatDiesMidWorkIsFoundAgain) {
    const TestDatabase database(Dialect::postgresql);
    const auto store = ok(PushStore::open(database.url(), {}, "here"));
    const std::int64_t kept = ok(store->enqueue(notification("a"), kNobody, kNow));
    ok(store->begin());
    const std::int64_t lost = ok(store->enqueue(notification("a"), kNobody, kNow));
    postgresql_server().kill();
    EXPECT_EQ(fault(store->enqueue(notification("a"), kNobody, kNow)), StoreFault::unreachable);
    EXPECT_EQ(fault(store->commit()), StoreFault::unreachable);
    EXPECT_EQ(fault(store->begin()), StoreFault::unreachable);
    EXPECT_EQ(fault(store->progress(kept)), StoreFault::unreachable);
    postgresql_server().start();
    EXPECT_TRUE(ok(store->progress(kept)).has_value());
    EXPECT_FALSE(ok(store->progress(lost)).has_value());
    ok(store->enqueue(notification("a"), kNobody, kNow));
}

TEST(PostgresqlFault, ACommitThatFindsNoServerIsNotAcknowledged) {
    const TestDatabase database(Dialect::postgresql);
    const auto store = ok(PushStore::open(database.url(), {}, "here"));
    ok(store->begin());
    const std::int64_t lost = ok(store->enqueue(notification("a"), kNobody, kNow));
    postgresql_server().kill();
    EXPECT_EQ(fault(store->commit()), StoreFault::unreachable);
    postgresql_server().start();
    EXPECT_FALSE(ok(store->progress(lost)).has_value());
}

PIPIT_FOR_BOTH_DATABASES(StoreFaults);

}  // namespace
}  // namespace pipit::store
