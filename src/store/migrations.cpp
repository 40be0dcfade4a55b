#include "store/migrations.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace pipit::store {
namespace {

// $ID and $TEXT stand for what the two databases spell differently.
using Step = std::vector<std::string_view>;

const Step kPush = {
    // An id is never used again, so that a delivery to a subscription that is gone cannot reach another.
    R"(CREATE TABLE subscriptions (
        id $ID, endpoint $TEXT NOT NULL UNIQUE, origin $TEXT NOT NULL, user_id $TEXT NOT NULL,
        p256dh $TEXT NOT NULL, auth $TEXT NOT NULL, vapid_key $TEXT NOT NULL, subscribed_at BIGINT NOT NULL))",
    "CREATE INDEX subscriptions_of_user ON subscriptions (user_id, subscribed_at, id)",

    // Fan-out goes on at next_subscription and is complete when that is past last_subscription.
    // finished_at is 0 until nothing waits any more.
    R"(CREATE TABLE notifications (
        id $ID, author $TEXT NOT NULL, payload $TEXT NOT NULL, urgency $TEXT NOT NULL, topic $TEXT NOT NULL,
        ttl_s BIGINT NOT NULL, created_at BIGINT NOT NULL, deadline_at BIGINT NOT NULL,
        next_subscription BIGINT NOT NULL, last_subscription BIGINT NOT NULL,
        reached BIGINT NOT NULL DEFAULT 0, delivered BIGINT NOT NULL DEFAULT 0, gone BIGINT NOT NULL DEFAULT 0,
        refused BIGINT NOT NULL DEFAULT 0, expired BIGINT NOT NULL DEFAULT 0,
        finished_at BIGINT NOT NULL DEFAULT 0))",
    "CREATE INDEX notifications_open ON notifications (author) WHERE finished_at = 0",
    "CREATE INDEX notifications_spreading ON notifications (id) WHERE next_subscription <= last_subscription",
    "CREATE INDEX notifications_finished ON notifications (finished_at) WHERE finished_at > 0",

    // A delivery in flight has a holder, and due_at is then the end of its lease.
    R"(CREATE TABLE deliveries (
        id $ID, notification_id BIGINT NOT NULL REFERENCES notifications (id), subscription_id BIGINT NOT NULL,
        author $TEXT NOT NULL, origin $TEXT NOT NULL, due_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0, holder $TEXT NOT NULL DEFAULT ''))",
    "CREATE INDEX deliveries_by_lane ON deliveries (author, origin, due_at, id)",
    "CREATE INDEX deliveries_by_time ON deliveries (due_at)",
    "CREATE INDEX deliveries_of_notification ON deliveries (notification_id)",
    "CREATE INDEX deliveries_held ON deliveries (holder, author, origin) WHERE holder <> ''",

    // Users who may not need a notification after all, in a JSON list: nearly always none of them does, and
    // the row goes a moment after it came.
    R"(CREATE TABLE holds (
        notification_id BIGINT PRIMARY KEY REFERENCES notifications (id), users $TEXT NOT NULL,
        holder $TEXT NOT NULL, held_until BIGINT NOT NULL))",
};

const Step kFormerSubscriptions = {
    // Those that a push service has ended: their browsers may not know yet, and come with a new one.
    R"(CREATE TABLE former_subscriptions (
        endpoint $TEXT PRIMARY KEY, auth $TEXT NOT NULL, user_id $TEXT NOT NULL, ended_at BIGINT NOT NULL))",
    "CREATE INDEX former_subscriptions_of_user ON former_subscriptions (user_id, ended_at, endpoint)",
    "CREATE INDEX former_subscriptions_by_time ON former_subscriptions (ended_at)",
};

const Step kToldNotifications = {
    // 0: nobody can ask how far it has come, and it goes with its last delivery.
    "ALTER TABLE notifications ADD COLUMN told BIGINT NOT NULL DEFAULT 1",
};

/// Step n is kSteps[n - 1]. A step that was released is never changed; a new one is added instead.
const std::array kSteps = {&kPush, &kFormerSubscriptions, &kToldNotifications};

std::string spelled(std::string_view statement, Dialect dialect) {
    const bool sqlite = dialect == Dialect::sqlite;
    const std::string_view id =
        sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
    // Texts are compared byte by byte, whatever language the server was set up for.
    const std::string_view text = sqlite ? "TEXT" : "TEXT COLLATE \"C\"";
    std::string out;
    for (std::size_t at = 0; at < statement.size();) {
        const std::string_view rest = statement.substr(at);
        if (rest.starts_with("$ID")) {
            out += id;
            at += 3;
        } else if (rest.starts_with("$TEXT")) {
            out += text;
            at += 5;
        } else {
            out += statement[at++];
        }
    }
    return out;
}

}  // namespace

Saved migrate(Database& database) {
    return database.atomically([&]() -> Saved {
        soci::session& sql = database.sql();
        // SQLite's transactions are alone anyway. The number is any that nobody else uses.
        if (database.dialect() == Dialect::postgresql) sql << "SELECT pg_advisory_xact_lock(7017017)";
        sql << "CREATE TABLE IF NOT EXISTS schema_steps (step BIGINT PRIMARY KEY)";
        long long done = 0;
        sql << "SELECT COALESCE(MAX(step), 0) FROM schema_steps", soci::into(done);
        const auto known = static_cast<long long>(kSteps.size());
        if (done > known) {
            return StoreError{StoreFault::newer_schema,
                              "the database has schema " + std::to_string(done) + " and this version knows " +
                                  std::to_string(known) + ": a later version of Pipit has used it"};
        }
        for (long long step = done + 1; step <= known; ++step) {
            for (const std::string_view statement : *kSteps[static_cast<std::size_t>(step - 1)]) {
                sql << spelled(statement, database.dialect());
            }
            sql << "INSERT INTO schema_steps (step) VALUES (:step)", soci::use(step);
        }
        return std::monostate{};
    });
}

}  // namespace pipit::store
