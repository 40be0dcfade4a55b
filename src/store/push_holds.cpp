#include "store/push_store.hpp"

// The part of PushStore for users who may have got the news already.
namespace pipit::store {

using soci::into;

Stored<PushStore::Addressed> PushStore::enqueue_addressed(const NotificationRecord& notification,
                                                          std::span<const std::string> away,
                                                          std::span<const std::string> here,
                                                          UnixMs held_until, UnixMs now) {
    if (Saved few = check_number(away.size() + here.size()); !few) return few.error();
    return change([&]() -> Stored<Addressed> {
        Addressed addressed{.held = subscribed_among(here)};
        if (addressed.held.empty() && subscribed_among(away).empty()) return addressed;
        if (Saved room = check_room(notification); !room) return room.error();
        addressed.id = insert_notification(notification, Told::no, 0, now);
        reach(addressed.id, notification.author, json_list(away), now);
        if (Saved room = check_deliveries(); !room) return room.error();
        if (!addressed.held.empty()) {
            write(
                "INSERT INTO holds (notification_id, users, holder, held_until) "
                "VALUES (:id, :users, :holder, :until)",
                addressed.id, json_list(addressed.held), holder_, held_until);
        }
        return addressed;
    });
}

std::vector<std::string> PushStore::subscribed_among(std::span<const std::string> users) {
    std::vector<std::string> subscribed;
    if (users.empty()) return subscribed;
    const std::string list = json_list(users);
    std::string user;
    soci::statement query =
        (sql().prepare << "SELECT DISTINCT user_id FROM subscriptions WHERE user_id IN " + listed_users(),
         use(list), into(user));
    query.execute();
    while (query.fetch())
        subscribed.push_back(user);
    return subscribed;
}

Saved PushStore::end_hold(std::int64_t notification_id, std::span<const std::string> unreached, UnixMs now) {
    return change([&]() -> Saved {
        if (write("DELETE FROM holds WHERE notification_id = :id", notification_id) > 0) {
            unhold(notification_id, json_list(unreached), now);
        }
        return std::monostate{};
    });
}

/// Of a notification whose hold has been deleted. They were accepted, so that no limit keeps them out now.
void PushStore::unhold(std::int64_t notification_id, const std::string& unreached, UnixMs now) {
    if (unreached != json_list({})) {
        std::string author;
        sql() << "SELECT author FROM notifications WHERE id = :id", use(notification_id), into(author);
        reach(notification_id, author, unreached, now);
    }
    end_if_complete(notification_id, now);
}

Saved PushStore::end_overdue_holds(UnixMs overdue_since, UnixMs now) {
    return change([&]() -> Saved {
        end_holds("", overdue_since, now);
        return std::monostate{};
    });
}

void PushStore::end_holds(const std::string& holder, UnixMs overdue_since, UnixMs now) {
    std::vector<std::pair<std::int64_t, std::string>> ended;
    std::int64_t id = 0;
    std::string users;
    soci::statement query =
        (sql().prepare << "DELETE FROM holds WHERE holder = :holder OR held_until < :since "
                          "RETURNING notification_id, users",
         use(holder), use(overdue_since), into(id), into(users));
    query.execute();
    while (query.fetch())
        ended.emplace_back(id, users);
    for (const auto& [notification_id, unreached] : ended)
        unhold(notification_id, unreached, now);
}

}  // namespace pipit::store
