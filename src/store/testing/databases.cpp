#include "store/testing/databases.hpp"

#include <chrono>
#include <cstdlib>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace pipit::store {
namespace {

soci::session connect(Dialect dialect, const std::string& where) {
    return dialect == Dialect::sqlite ? soci::session(soci::sqlite3, "dbname=" + where)
                                      : soci::session(soci::postgresql, where);
}

}  // namespace

PostgresqlServer& postgresql_server() {
    static PostgresqlServer server;
    return server;
}

TestDatabase::TestDatabase(Dialect dialect) : dialect_(dialect) {
    if (dialect == Dialect::sqlite) {
        std::string folder = "/tmp/pipit-sqlite-XXXXXX";
        PIPIT_ASSERT(::mkdtemp(folder.data()) != nullptr);
        file_ = folder + "/pipit.db";
        url_ = "sqlite://" + file_.string();
        return;
    }
    static int made = 0;
    name_ = "test" + std::to_string(++made);
    postgresql_server().execute("postgres", "CREATE DATABASE " + name_);
    url_ = postgresql_server().url(name_);
}

TestDatabase::~TestDatabase() {
    std::error_code ignored;
    if (dialect_ == Dialect::sqlite) {
        std::filesystem::remove_all(file_.parent_path(), ignored);
    } else {
        postgresql_server().execute("postgres", "DROP DATABASE " + name_ + " WITH (FORCE)");
    }
}

void TestDatabase::execute(const std::string& statement) const {
    soci::session sql = connect(dialect_, dialect_ == Dialect::sqlite ? file_.string() : url_);
    sql << statement;
}

template <class T>
T TestDatabase::value(const std::string& query) const {
    soci::session sql = connect(dialect_, dialect_ == Dialect::sqlite ? file_.string() : url_);
    T value{};
    sql << query, soci::into(value);
    return value;
}

std::int64_t TestDatabase::number(const std::string& query) const {
    return value<std::int64_t>(query);
}

std::string TestDatabase::text(const std::string& query) const {
    return value<std::string>(query);
}

std::unique_ptr<PushStore> StoreTest::open(const PushLimits& limits, const std::string& holder) const {
    return ok(PushStore::open(database_.url(), limits, holder));
}

void StoreTest::wait_until_somebody_waits() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(4);
    while (database_.number("SELECT COUNT(*) FROM pg_locks WHERE NOT granted") == 0) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody waits";
    }
}

SubscriptionRecord subscription(const std::string& user, const std::string& name, const std::string& origin) {
    return {.endpoint = origin + "/" + name,
            .origin = origin,
            .user_id = user,
            .p256dh = "key of " + name,
            .auth = "secret of " + name,
            .vapid_key = "ours"};
}

NotificationRecord notification(const std::string& author) {
    return {.author = author,
            .payload = R"({"title":"t","body":"b"})",
            .urgency = "normal",
            .topic = "",
            .deadline_at = kNow + 60'000};
}

}  // namespace pipit::store
