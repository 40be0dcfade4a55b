#include <algorithm>

#include "store/push_store.hpp"

// The part of PushStore that moves deliveries.
namespace pipit::store {

using soci::into;

namespace {

const char* counter_of(Outcome outcome) {
    PIPIT_ASSERT(outcome != Outcome::retry);  // it ends nothing
    switch (outcome) {
        case Outcome::delivered:
            return "delivered";
        case Outcome::gone:
            return "gone";
        case Outcome::refused:
            return "refused";
        case Outcome::expired:
            return "expired";
        case Outcome::retry:
            break;
    }
    return "";
}

using Counts = std::map<std::string, std::size_t>;

std::size_t value_or(const Counts& counts, const std::string& name, std::size_t otherwise) {
    const auto found = counts.find(name);
    return found == counts.end() ? otherwise : found->second;
}

std::size_t room(const Counts& used, const std::string& name, std::size_t max) {
    return max - std::min(max, value_or(used, name, 0));
}

}  // namespace

Stored<PushStore::Spread> PushStore::spread_next(std::size_t count_max, UnixMs now) {
    return change([&]() -> Stored<Spread> {
        const std::optional<Spreading> notification = next_spreading();
        if (!notification) return Spread::nothing;
        if (notification->deadline_at <= now) {
            spread_too_late(*notification, now);
        } else if (const std::int64_t free = room_for_deliveries(); free > 0) {
            spread(*notification, std::min(count_max, static_cast<std::size_t>(free)), now);
        } else {
            return Spread::queue_full;
        }
        spread_after_ = notification->id;
        return Spread::advanced;
    });
}

std::optional<PushStore::Spreading> PushStore::next_spreading() {
    for (const std::int64_t after : {spread_after_, std::int64_t{0}}) {
        Spreading found;
        sql() << "SELECT id, next_subscription, last_subscription, deadline_at, author FROM notifications "
                 "WHERE next_subscription <= last_subscription AND id > :after ORDER BY id LIMIT 1",
            use(after), into(found.id), into(found.next), into(found.last), into(found.deadline_at),
            into(found.author);
        if (sql().got_data()) return found;
    }
    return std::nullopt;
}

void PushStore::spread(const Spreading& notification, std::size_t count_max, UnixMs now) {
    const auto limit = static_cast<std::int64_t>(count_max);
    std::int64_t count = 0;
    std::int64_t end = 0;
    sql() << "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM (SELECT id FROM subscriptions "
             "WHERE id BETWEEN :next AND :last ORDER BY id LIMIT :limit) AS piece",
        use(notification.next), use(notification.last), use(limit), into(count), into(end);
    // Someone may unsubscribe through another process in between: what counts is what was written.
    const std::int64_t reached = write(
        "INSERT INTO deliveries (notification_id, subscription_id, author, origin, due_at) "
        "SELECT CAST(:id AS BIGINT), id, :author, origin, CAST(:now AS BIGINT) FROM subscriptions "
        "WHERE id BETWEEN :next AND :end",
        notification.id, notification.author, now, notification.next, end);
    const std::int64_t next = count < limit ? notification.last + 1 : end + 1;
    sql()
        << "UPDATE notifications SET reached = reached + :reached, next_subscription = :next WHERE id = :id",
        use(reached), use(next), use(notification.id);
    counts_.deliveries += reached;
    end_if_complete(notification.id, now);
}

void PushStore::spread_too_late(const Spreading& notification, UnixMs now) {
    std::int64_t count = 0;
    sql() << "SELECT COUNT(*) FROM subscriptions WHERE id BETWEEN :next AND :last", use(notification.next),
        use(notification.last), into(count);
    sql() << "UPDATE notifications SET reached = reached + :count, expired = expired + :count2, "
             "next_subscription = last_subscription + 1 WHERE id = :id",
        use(count), use(count), use(notification.id);
    end_if_complete(notification.id, now);
}

Stored<std::vector<Delivery>> PushStore::take_due(const TakeLimits& limits, UnixMs now) {
    return change([&]() -> Stored<std::vector<Delivery>> {
        InFlight used = in_flight(now);
        const std::vector<Lane> lanes = due_lanes(limits, now);
        std::vector<Delivery> taken;
        for (std::size_t at = 0; at < lanes.size(); ++at) {
            const auto& [author, origin] = lanes[at];
            // What a lane leaves of its share is shared by those after it.
            const std::size_t share = (limits.deliveries_max - taken.size()) / (lanes.size() - at);
            const std::size_t to_origin_max =
                value_or(limits.in_flight_of_origin_max, origin, limits.in_flight_per_origin_max);
            const std::size_t quota =
                std::min({share, room(used.of_author, author, limits.in_flight_per_author_max),
                          room(used.of_origin, origin, to_origin_max)});
            if (quota == 0) continue;
            for (Delivery& delivery : due_in(lanes[at], quota, now)) {
                if (delivery.notification.deadline_at <= now) {
                    end_delivery(delivery, Outcome::expired, now);
                } else if (delivery.subscription.endpoint.empty()) {
                    end_delivery(delivery, Outcome::gone, now);
                } else if (lease(delivery, limits.lease, now)) {
                    ++used.of_author[author];
                    ++used.of_origin[origin];
                    taken.push_back(std::move(delivery));
                }
            }
        }
        return taken;
    });
}

PushStore::InFlight PushStore::in_flight(UnixMs now) {
    std::string author;
    std::string origin;
    std::int64_t count = 0;
    soci::statement query = (sql().prepare << "SELECT author, origin, COUNT(*) FROM deliveries "
                                              "WHERE holder = :holder AND holder <> '' AND due_at > :now "
                                              "GROUP BY author, origin",
                             use(holder_), use(now), into(author), into(origin), into(count));
    query.execute();
    InFlight used;
    while (query.fetch()) {
        used.of_author[author] += static_cast<std::size_t>(count);
        used.of_origin[origin] += static_cast<std::size_t>(count);
    }
    return used;
}

/// The next lane in their order, and when the first of it is due: one step down the index, however many
/// deliveries stand in a lane.
std::optional<std::pair<PushStore::Lane, UnixMs>> PushStore::lane_after(const Lane& lane) {
    std::pair<Lane, UnixMs> found;
    sql() << "SELECT author, origin, due_at FROM deliveries WHERE (author, origin) > (:author, :origin) "
             "ORDER BY author, origin, due_at LIMIT 1",
        use(lane.first), use(lane.second), into(found.first.first), into(found.first.second),
        into(found.second);
    return sql().got_data() ? std::optional(std::move(found)) : std::nullopt;
}

std::vector<PushStore::Lane> PushStore::due_lanes(const TakeLimits& limits, UnixMs now) {
    const Lane begin = taken_after_;
    bool wrapped = false;
    std::vector<Lane> due;
    for (std::size_t seen = 0; seen < limits.lanes_max && due.size() < limits.deliveries_max; ++seen) {
        auto next = lane_after(taken_after_);
        if (!next) {
            if (wrapped) break;
            wrapped = true;
            taken_after_ = {};
            continue;
        }
        if (wrapped && next->first > begin) break;
        taken_after_ = next->first;
        if (next->second <= now) due.push_back(taken_after_);
    }
    return due;
}

std::vector<Delivery> PushStore::due_in(const Lane& lane, std::size_t count_max, UnixMs now) {
    const auto limit = static_cast<std::int64_t>(count_max);
    std::int64_t attempts = 0;
    Delivery row;
    NotificationRecord& notification = row.notification;
    SubscriptionRecord& subscription = row.subscription;
    notification.author = lane.first;
    subscription.origin = lane.second;
    soci::statement query =
        (sql().prepare << "SELECT d.id, d.notification_id, d.attempts, n.payload, n.urgency, n.topic, "
                          "n.ttl_s, n.deadline_at, COALESCE(s.endpoint, ''), COALESCE(s.user_id, ''), "
                          "COALESCE(s.p256dh, ''), COALESCE(s.auth, ''), COALESCE(s.vapid_key, '') "
                          "FROM deliveries d JOIN notifications n ON n.id = d.notification_id "
                          "LEFT JOIN subscriptions s ON s.id = d.subscription_id "
                          "WHERE d.author = :author AND d.origin = :origin AND d.due_at <= :now "
                          "ORDER BY d.due_at, d.id LIMIT :limit",
         use(lane.first), use(lane.second), use(now), use(limit), into(row.id), into(row.notification_id),
         into(attempts), into(notification.payload), into(notification.urgency), into(notification.topic),
         into(notification.ttl_s), into(notification.deadline_at), into(subscription.endpoint),
         into(subscription.user_id), into(subscription.p256dh), into(subscription.auth),
         into(subscription.vapid_key));
    query.execute();
    std::vector<Delivery> due;
    while (query.fetch()) {
        row.attempt = static_cast<std::uint32_t>(attempts);
        due.push_back(row);
    }
    return due;
}

bool PushStore::lease(Delivery& delivery, base::Millis length, UnixMs now) {
    const std::int64_t attempts = delivery.attempt;
    const UnixMs until = now + length.count();
    ++delivery.attempt;
    // Another process may have been quicker.
    return write(
               "UPDATE deliveries SET holder = :holder, attempts = attempts + 1, due_at = :until "
               "WHERE id = :id AND attempts = :attempts AND due_at <= :now",
               holder_, until, delivery.id, attempts, now) > 0;
}

void PushStore::end_delivery(const Delivery& delivery, Outcome outcome, UnixMs now) {
    if (write("DELETE FROM deliveries WHERE id = :id", delivery.id) > 0) count_ended(delivery, outcome, now);
}

void PushStore::count_ended(const Delivery& delivery, Outcome outcome, UnixMs now) {
    --counts_.deliveries;
    const std::string counter = counter_of(outcome);
    std::int64_t waiting = 0;
    sql() << "UPDATE notifications SET " + counter + " = " + counter +
                 " + 1 WHERE id = :id RETURNING reached - delivered - gone - refused - expired",
        use(delivery.notification_id), into(waiting);
    if (waiting == 0) end_if_complete(delivery.notification_id, now);
}

bool PushStore::put_back(const Delivery& delivery, UnixMs due_at) {
    const std::int64_t attempts = delivery.attempt;
    return write(
               "UPDATE deliveries SET holder = '', due_at = :due_at "
               "WHERE id = :id AND holder = :holder AND attempts = :attempts",
               due_at, delivery.id, holder_, attempts) > 0;
}

bool PushStore::has_moved(const Delivery& delivery) {
    std::int64_t count = 0;
    sql() << "SELECT COUNT(*) FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id "
             "WHERE d.id = :id AND s.endpoint <> :endpoint",
        use(delivery.id), use(delivery.subscription.endpoint), into(count);
    return count > 0;
}

Stored<bool> PushStore::finish(const Delivery& delivery, Outcome outcome, UnixMs now, base::Millis retry_in) {
    return change([&]() -> Stored<bool> {
        if (outcome == Outcome::retry) return put_back(delivery, now + retry_in.count());
        if (outcome == Outcome::gone && has_moved(delivery)) return put_back(delivery, now);
        const std::int64_t attempts = delivery.attempt;
        std::int64_t subscription_id = 0;
        sql() << "DELETE FROM deliveries WHERE id = :id AND holder = :holder AND attempts = :attempts "
                 "RETURNING subscription_id",
            use(delivery.id), use(holder_), use(attempts), into(subscription_id);
        if (!sql().got_data()) return false;
        if (outcome == Outcome::gone) end_subscription(subscription_id, delivery.subscription.endpoint, now);
        count_ended(delivery, outcome, now);
        return true;
    });
}

Stored<std::size_t> PushStore::recover(UnixMs now) {
    return change([&]() -> Stored<std::size_t> {
        // The server may still be at the last commit of the process that has died. This waits for it.
        if (database_->dialect() == Dialect::postgresql) {
            sql() << "LOCK TABLE deliveries, holds IN SHARE ROW EXCLUSIVE MODE";
        }
        end_holds(holder_, 0, now);
        return static_cast<std::size_t>(
            write("UPDATE deliveries SET holder = '', due_at = :now WHERE holder = :holder AND holder <> ''",
                  now, holder_));
    });
}

Stored<std::optional<UnixMs>> PushStore::next_due() {
    return database_->atomically([&]() -> Stored<std::optional<UnixMs>> {
        UnixMs due_at = 0;
        sql() << "SELECT due_at FROM deliveries ORDER BY due_at LIMIT 1", into(due_at);
        return sql().got_data() ? std::optional(due_at) : std::nullopt;
    });
}

}  // namespace pipit::store
