#include "store/push_store.hpp"

#include <set>
#include <string_view>

#include "codec/json_scan.hpp"
#include "store/migrations.hpp"

namespace pipit::store {

using soci::into;

Stored<std::unique_ptr<PushStore>> PushStore::open(std::unique_ptr<Database> database,
                                                   const PushLimits& limits, std::string holder) {
    PIPIT_ASSERT(!holder.empty());
    if (Saved migrated = migrate(*database); !migrated) return migrated.error();
    return std::unique_ptr<PushStore>(new PushStore(std::move(database), limits, std::move(holder)));
}

Stored<std::unique_ptr<PushStore>> PushStore::open(const std::string& url, const PushLimits& limits,
                                                   std::string holder) {
    auto database = Database::open(url);
    if (!database) return database.error();
    return open(std::move(database).value(), limits, std::move(holder));
}

void PushStore::recount() {
    sql() << "SELECT COUNT(*) FROM notifications WHERE finished_at = 0", into(counts_.open_notifications);
    sql() << "SELECT COUNT(*) FROM deliveries", into(counts_.deliveries);
    counts_.as_of_rollbacks = database_->rollbacks();
}

std::string PushStore::json_list(std::span<const std::string> users) {
    std::string list = "[";
    for (const std::string& user : users) {
        check_text(user);  // escaped it would pass
        if (list.size() > 1) list += ',';
        codec::append_json_string(list, user);
    }
    return list += ']';
}

Saved PushStore::check_number(std::size_t users) const {
    if (users <= limits_.users_per_notification_max) return std::monostate{};
    return StoreError{
        StoreFault::too_many_users,
        "a notification may name at most " + std::to_string(limits_.users_per_notification_max) + " users"};
}

std::int64_t PushStore::room_for_deliveries() {
    const auto room = [&] { return static_cast<std::int64_t>(limits_.deliveries_max) - counts_.deliveries; };
    if (room() <= 0) recount();
    return room();
}

Saved PushStore::check_deliveries() {
    if (room_for_deliveries() >= 0) return std::monostate{};
    return StoreError{StoreFault::queue_full, "too many deliveries wait"};
}

Saved PushStore::check_room(const NotificationRecord& notification) {
    const auto open_max = static_cast<std::int64_t>(limits_.notifications_max);
    if (counts_.open_notifications >= open_max) recount();
    if (counts_.open_notifications >= open_max) {
        return StoreError{StoreFault::queue_full, "too many notifications are unfinished"};
    }
    std::int64_t of_author = 0;
    sql() << "SELECT COUNT(*) FROM notifications WHERE author = :author AND finished_at = 0",
        use(notification.author), into(of_author);
    if (of_author >= static_cast<std::int64_t>(limits_.notifications_per_author_max)) {
        return StoreError{StoreFault::author_queue_full,
                          "too many notifications of this author are unfinished"};
    }
    return std::monostate{};
}

std::int64_t PushStore::insert_notification(const NotificationRecord& notification, Told told,
                                            std::int64_t last_subscription, UnixMs now) {
    const std::int64_t is_told = told == Told::yes ? 1 : 0;
    std::int64_t id = 0;
    sql() << "INSERT INTO notifications (author, payload, urgency, topic, ttl_s, created_at, deadline_at, "
             "next_subscription, last_subscription, told) "
             "VALUES (:author, :payload, :urgency, :topic, :ttl_s, :now, :deadline_at, 1, :last, :told) "
             "RETURNING id",
        use(notification.author), use(notification.payload), use(notification.urgency),
        use(notification.topic), use(notification.ttl_s), use(now), use(notification.deadline_at),
        use(last_subscription), use(is_told), into(id);
    ++counts_.open_notifications;
    return id;
}

Stored<std::int64_t> PushStore::enqueue(const NotificationRecord& notification,
                                        std::span<const std::string> users, UnixMs now) {
    const std::set<std::string_view> each(users.begin(), users.end());
    if (Saved few = check_number(each.size()); !few) return few.error();
    return change([&]() -> Stored<std::int64_t> {
        if (Saved room = check_room(notification); !room) return room.error();
        const std::int64_t id = insert_notification(notification, Told::yes, 0, now);
        const std::int64_t reached = reach(id, notification.author, json_list(users), now);
        if (Saved room = check_deliveries(); !room) return room.error();
        if (reached == 0) end_if_complete(id, now);
        return id;
    });
}

std::int64_t PushStore::reach(std::int64_t notification_id, const std::string& author,
                              const std::string& users, UnixMs now) {
    const std::int64_t reached = write(
        "INSERT INTO deliveries (notification_id, subscription_id, author, origin, due_at) "
        "SELECT CAST(:id AS BIGINT), id, :author, origin, CAST(:now AS BIGINT) "
        "FROM subscriptions WHERE user_id IN " +
            listed_users(),
        notification_id, author, now, users);
    counts_.deliveries += reached;
    sql() << "UPDATE notifications SET reached = reached + :reached WHERE id = :id", use(reached),
        use(notification_id);
    return reached;
}

// One statement for all of them: to have one for each of ten thousand users prepared takes seconds.
std::string PushStore::listed_users() const {
    return database_->dialect() == Dialect::sqlite
               ? "(SELECT value FROM json_each(:users))"
               : "(SELECT jsonb_array_elements_text(CAST(:users AS jsonb)))";
}

Stored<std::int64_t> PushStore::enqueue_for_everyone(const NotificationRecord& notification, UnixMs now) {
    return change([&]() -> Stored<std::int64_t> {
        if (Saved room = check_room(notification); !room) return room.error();
        std::int64_t last = 0;
        sql() << "SELECT COALESCE(MAX(id), 0) FROM subscriptions", into(last);
        const std::int64_t id = insert_notification(notification, Told::yes, last, now);
        end_if_complete(id, now);
        return id;
    });
}

void PushStore::end_if_complete(std::int64_t notification_id, UnixMs now) {
    const std::string complete =
        "id = :id AND finished_at = 0 AND next_subscription > last_subscription "
        "AND reached = delivered + gone + refused + expired "
        "AND NOT EXISTS (SELECT 1 FROM holds WHERE notification_id = notifications.id)";
    counts_.open_notifications -=
        write("DELETE FROM notifications WHERE told = 0 AND " + complete, notification_id);
    // Of the others what they said is of no use to anybody any more; their numbers are.
    counts_.open_notifications -=
        write("UPDATE notifications SET finished_at = :now, payload = '' WHERE told = 1 AND " + complete, now,
              notification_id);
}

Stored<std::optional<Progress>> PushStore::progress(std::int64_t notification_id) {
    return database_->atomically([&]() -> Stored<std::optional<Progress>> {
        Progress progress;
        std::int64_t next = 0;
        std::int64_t last = 0;
        sql() << "SELECT author, reached, delivered, gone, refused, expired, finished_at, next_subscription, "
                 "last_subscription FROM notifications WHERE id = :id",
            use(notification_id), into(progress.author), into(progress.reached), into(progress.delivered),
            into(progress.gone), into(progress.refused), into(progress.expired), into(progress.finished_at),
            into(next), into(last);
        if (!sql().got_data()) return std::optional<Progress>();
        progress.waiting =
            progress.reached - progress.delivered - progress.gone - progress.refused - progress.expired;
        progress.spreading = next <= last;
        return std::optional(progress);
    });
}

Stored<std::size_t> PushStore::purge_finished(UnixMs before, std::size_t count_max) {
    return database_->atomically([&]() -> Stored<std::size_t> {
        const auto limit = static_cast<std::int64_t>(count_max);
        return static_cast<std::size_t>(
            write("DELETE FROM notifications WHERE id IN (SELECT id FROM notifications "
                  "WHERE finished_at > 0 AND finished_at < :before ORDER BY finished_at LIMIT :limit)",
                  before, limit));
    });
}

}  // namespace pipit::store
