#include "store/push_store.hpp"

// The part of PushStore for who may be notified.
namespace pipit::store {

using soci::into;

Stored<PushStore::Subscribed> PushStore::subscribe(const SubscriptionRecord& record, UnixMs now) {
    return database_->atomically([&] { return keep(record, now); });
}

Stored<PushStore::Subscribed> PushStore::keep(const SubscriptionRecord& record, UnixMs now) {
    Subscribed subscribed;
    // A new user means a new row with a new id: deliveries name the id, so those of the former user are
    // lost on the way. The same user keeps it, and with it what waits.
    // Again when another process has bound it to somebody else in between.
    do {
        const std::int64_t former = write(
            "DELETE FROM subscriptions WHERE endpoint = :endpoint AND user_id <> :user_id AND auth = :auth",
            record.endpoint, record.user_id, record.auth);
        subscribed.rebound = subscribed.rebound || former > 0;
        if (Saved free = check_endpoint(record); !free) return free.error();
    } while (upsert(record, now) == 0);
    forget_former(record);
    subscribed.evicted = evict_oldest(record.user_id);
    return subscribed;
}

std::int64_t PushStore::upsert(const SubscriptionRecord& record, UnixMs now) {
    return write(
        "INSERT INTO subscriptions (endpoint, origin, user_id, p256dh, auth, vapid_key, subscribed_at) "
        "VALUES (:endpoint, :origin, :user_id, :p256dh, :auth, :vapid_key, :now) "
        "ON CONFLICT (endpoint) DO UPDATE SET origin = excluded.origin, p256dh = excluded.p256dh, "
        "auth = excluded.auth, vapid_key = excluded.vapid_key, subscribed_at = excluded.subscribed_at "
        "WHERE subscriptions.user_id = excluded.user_id",
        record.endpoint, record.origin, record.user_id, record.p256dh, record.auth, record.vapid_key, now);
}

/// An endpoint alone is not secret enough to take somebody's notifications away. A browser that changes hands
/// has the same secret as before.
Saved PushStore::check_endpoint(const SubscriptionRecord& record) {
    std::int64_t foreign = 0;
    sql() << "SELECT COUNT(*) FROM subscriptions "
             "WHERE endpoint = :endpoint AND user_id <> :user_id AND auth <> :auth",
        use(record.endpoint), use(record.user_id), use(record.auth), into(foreign);
    if (foreign == 0) return std::monostate{};
    return StoreError{StoreFault::endpoint_taken, "another user has this endpoint with another secret"};
}

std::size_t PushStore::evict_oldest(const std::string& user_id) {
    const auto kept = static_cast<std::int64_t>(limits_.subscriptions_per_user_max);
    return static_cast<std::size_t>(write(
        "DELETE FROM subscriptions WHERE user_id = :user_id AND id NOT IN (SELECT id FROM subscriptions "
        "WHERE user_id = :user_id2 ORDER BY subscribed_at DESC, id DESC LIMIT :kept)",
        user_id, user_id, kept));
}

Stored<bool> PushStore::unsubscribe(const std::string& endpoint, const std::string& user_id) {
    return database_->atomically([&]() -> Stored<bool> {
        // Nor may a worker that knows nothing of it bring it back.
        write("DELETE FROM former_subscriptions WHERE endpoint = :endpoint AND user_id = :user_id", endpoint,
              user_id);
        return write("DELETE FROM subscriptions WHERE endpoint = :endpoint AND user_id = :user_id", endpoint,
                     user_id) > 0;
    });
}

Stored<bool> PushStore::replace(const std::string& old_endpoint, const std::string& old_auth,
                                SubscriptionRecord record, UnixMs now) {
    return database_->atomically([&]() -> Stored<bool> {
        const auto replaced = replace_present(old_endpoint, old_auth, record, now);
        return !replaced || *replaced ? replaced : replace_former(old_endpoint, old_auth, record, now);
    });
}

Stored<bool> PushStore::replace_present(const std::string& old_endpoint, const std::string& old_auth,
                                        SubscriptionRecord& record, UnixMs now) {
    std::int64_t id = 0;
    sql() << "SELECT id, user_id FROM subscriptions WHERE endpoint = :endpoint AND auth = :auth",
        use(old_endpoint), use(old_auth), into(id), into(record.user_id);
    if (!sql().got_data()) return false;
    if (Saved free = check_endpoint(record); !free) return free.error();
    write("DELETE FROM subscriptions WHERE endpoint = :endpoint AND id <> :id", record.endpoint, id);
    // The row stays, and so what waits for the old one reaches the new one.
    write(
        "UPDATE subscriptions SET endpoint = :endpoint, origin = :origin, p256dh = :p256dh, "
        "auth = :auth, vapid_key = :vapid_key, subscribed_at = :now WHERE id = :id",
        record.endpoint, record.origin, record.p256dh, record.auth, record.vapid_key, now, id);
    forget_former(record);
    return true;
}

Stored<bool> PushStore::replace_former(const std::string& old_endpoint, const std::string& old_auth,
                                       SubscriptionRecord& record, UnixMs now) {
    sql() << "DELETE FROM former_subscriptions WHERE endpoint = :endpoint AND auth = :auth RETURNING user_id",
        use(old_endpoint), use(old_auth), into(record.user_id);
    if (!sql().got_data()) return false;
    if (auto kept = keep(record, now); !kept) return kept.error();
    return true;
}

/// Of a subscription that is one again, or whose browser has changed hands.
void PushStore::forget_former(const SubscriptionRecord& record) {
    write(
        "DELETE FROM former_subscriptions WHERE endpoint = :endpoint AND (user_id = :user_id OR auth = "
        ":auth)",
        record.endpoint, record.user_id, record.auth);
}

void PushStore::end_subscription(std::int64_t id, const std::string& endpoint, UnixMs now) {
    std::string auth;
    std::string user_id;
    sql() << "DELETE FROM subscriptions WHERE id = :id AND endpoint = :endpoint RETURNING auth, user_id",
        use(id), use(endpoint), into(auth), into(user_id);
    if (!sql().got_data()) return;  // it has been replaced since
    write(
        "INSERT INTO former_subscriptions (endpoint, auth, user_id, ended_at) "
        "VALUES (:endpoint, :auth, :user_id, :now) ON CONFLICT (endpoint) DO UPDATE SET "
        "auth = excluded.auth, user_id = excluded.user_id, ended_at = excluded.ended_at",
        endpoint, auth, user_id, now);
    const auto kept = static_cast<std::int64_t>(limits_.subscriptions_per_user_max);
    write(
        "DELETE FROM former_subscriptions WHERE user_id = :user_id AND endpoint NOT IN (SELECT endpoint "
        "FROM former_subscriptions WHERE user_id = :user_id2 ORDER BY ended_at DESC, endpoint LIMIT :kept)",
        user_id, user_id, kept);
}

Stored<std::size_t> PushStore::count_subscriptions(const std::string& user_id) {
    return database_->atomically([&]() -> Stored<std::size_t> {
        std::int64_t count = 0;
        sql() << "SELECT COUNT(*) FROM subscriptions WHERE user_id = :user_id", use(user_id), into(count);
        return static_cast<std::size_t>(count);
    });
}

Stored<std::size_t> PushStore::purge_former(UnixMs before, std::size_t count_max) {
    return database_->atomically([&]() -> Stored<std::size_t> {
        const auto limit = static_cast<std::int64_t>(count_max);
        return static_cast<std::size_t>(
            write("DELETE FROM former_subscriptions WHERE endpoint IN (SELECT endpoint "
                  "FROM former_subscriptions WHERE ended_at < :before ORDER BY ended_at LIMIT :limit)",
                  before, limit));
    });
}

}  // namespace pipit::store
