#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/database.hpp"
#include "store/push_records.hpp"

namespace pipit::store {

/// Subscriptions to notifications, the notifications on their way, and who gets which next. What was written
/// outlives the process.
///
/// One thread at a time; calls block. Every call happens entirely or not at all, by itself or as a part of
/// the transaction between begin() and commit(). `now` never goes back by much: it is the clock of the wall.
///
/// Delivery is at least once: a delivery taken by a process that dies is taken again by recover(), or by
/// anyone when its lease is over.
class PushStore {
 public:
    /// Brings the tables of `database` up to date. `holder` names this process among those that share the
    /// database: not empty, the same after a restart.
    static Stored<std::unique_ptr<PushStore>> open(std::unique_ptr<Database> database,
                                                   const PushLimits& limits, std::string holder);
    /// The same of Database::open(url).
    static Stored<std::unique_ptr<PushStore>> open(const std::string& url, const PushLimits& limits,
                                                   std::string holder);

    /// As of Database: what happens between them is written to disk once.
    Saved begin() { return database_->begin(); }
    Saved commit() { return database_->commit(); }

    // Subscriptions.

    struct Subscribed {
        bool rebound = false;     ///< the endpoint was another user's
        std::size_t evicted = 0;  ///< older subscriptions of the user that had to go
    };
    /// One row per endpoint, bound to whoever subscribed last; what waits for a former user never reaches it.
    /// Who is not its user must have the `auth` that the browser had before, else endpoint_taken.
    /// Above the limit per user the least recently made goes: browsers that were wiped never say so, and a
    /// user with a new one must not have to find out which.
    Stored<Subscribed> subscribe(const SubscriptionRecord& record, UnixMs now);
    /// False when this user has no such subscription.
    Stored<bool> unsubscribe(const std::string& endpoint, const std::string& user_id);
    /// Puts `record`, whose user does not matter, in the place of the subscription with this endpoint and
    /// this secret: it is the same user's, and what waits reaches it. One that ended as Outcome::gone is
    /// still found, but nothing waits for it any more. False when there is none; fails with endpoint_taken
    /// as subscribe() does.
    Stored<bool> replace(const std::string& old_endpoint, const std::string& old_auth,
                         SubscriptionRecord record, UnixMs now);
    Stored<std::size_t> count_subscriptions(const std::string& user_id);
    /// Of those that ended as Outcome::gone as many are remembered of each user as a user may have; the
    /// newest, and until they are replaced, or somebody subscribes or unsubscribes that endpoint. Forgets up
    /// to `count_max` that ended before `before`; how many.
    Stored<std::size_t> purge_former(UnixMs before, std::size_t count_max);

    // Notifications.

    /// Writes down a notification and its deliveries to all subscriptions of these users, who may be named
    /// twice. Fails with queue_full, author_queue_full or too_many_users. The id is never used again.
    Stored<std::int64_t> enqueue(const NotificationRecord& notification, std::span<const std::string> users,
                                 UnixMs now);
    /// The same for every subscription that there is now. Only the notification is written; spread_next()
    /// does the rest, piece by piece.
    Stored<std::int64_t> enqueue_for_everyone(const NotificationRecord& notification, UnixMs now);

    struct Addressed {
        std::int64_t id = 0;            ///< 0: nobody addressed has a subscription, and nothing was written
        std::vector<std::string> held;  ///< those of `here` who have one
    };
    /// Writes down a notification and its deliveries to `away`. Those of `here` may have got the news
    /// already: they are held until end_hold(). Nobody may be named twice. Fails as enqueue() does. Its
    /// author does not learn of the id, and so nothing of it is kept after its end.
    Stored<Addressed> enqueue_addressed(const NotificationRecord& notification,
                                        std::span<const std::string> away, std::span<const std::string> here,
                                        UnixMs held_until, UnixMs now);
    /// Of those who are held for a notification `unreached` get it, and the others do not. Nothing happens
    /// when nobody is held any more.
    Saved end_hold(std::int64_t notification_id, std::span<const std::string> unreached, UnixMs now);
    /// Notifies all who were to be held only until before `overdue_since`, whoever holds them.
    Saved end_overdue_holds(UnixMs overdue_since, UnixMs now);

    /// Nothing for an id that is unknown or purged. Once it is finished, the counts are all that is kept.
    Stored<std::optional<Progress>> progress(std::int64_t notification_id);
    /// Forgets up to `count_max` notifications that were finished before `before`; how many.
    Stored<std::size_t> purge_finished(UnixMs before, std::size_t count_max);

    // Deliveries.

    enum class Spread : std::uint8_t {
        nothing,     ///< no notification is spreading
        advanced,    ///< one has come further; call again
        queue_full,  ///< not before some deliveries are finished
    };
    /// Writes down up to `count_max` deliveries of one notification to everyone; of several, of each in turn.
    Stored<Spread> spread_next(std::size_t count_max, UnixMs now);

    /// Takes what is due. Deliveries of one author to one origin stand in one lane; a call shares its room
    /// evenly among the lanes with something due, beginning after the last one of the call before, so that
    /// nobody waits behind somebody else's hundred thousand. What is too late, or no longer subscribed, is
    /// finished here.
    Stored<std::vector<Delivery>> take_due(const TakeLimits& limits, UnixMs now);
    /// Ends an attempt. `retry_in` is for Outcome::retry. One whose subscription has been replaced since is
    /// not gone: it is due at once, for the new endpoint. False when the lease was over and somebody else has
    /// taken the delivery since.
    Stored<bool> finish(const Delivery& delivery, Outcome outcome, UnixMs now,
                        base::Millis retry_in = base::Millis{0});
    /// Makes due at once what this holder had in flight when it died, and notifies all whom it held; how many
    /// were in flight. Call it before take_due().
    Stored<std::size_t> recover(UnixMs now);
    /// When something is due next, be it the end of a lease; nothing when nothing waits.
    Stored<std::optional<UnixMs>> next_due();

 private:
    using Lane = std::pair<std::string, std::string>;  // author, origin

    /// Whether its author may ask how far it has come.
    enum class Told : std::uint8_t { no, yes };
    struct InFlight {
        std::map<std::string, std::size_t> of_author;
        std::map<std::string, std::size_t> of_origin;
    };
    struct Spreading {
        std::int64_t id = 0, next = 0, last = 0;
        UnixMs deadline_at = 0;
        std::string author;
    };
    /// How much there is, so that a limit costs no counting. Other processes that share the database change
    /// it, too, so it is counted again before anything is refused, when it is below zero, for then others
    /// have added what was ended here, and after anything was taken back.
    struct Counts {
        std::uint64_t as_of_rollbacks = 0;
        std::int64_t open_notifications = 0;
        std::int64_t deliveries = 0;
    };

    PushStore(std::unique_ptr<Database> database, const PushLimits& limits, std::string holder)
        : database_(std::move(database)), limits_(limits), holder_(std::move(holder)) {}

    soci::session& sql() { return database_->sql(); }
    template <class... Values>
    std::int64_t write(const std::string& statement, const Values&... values) {
        return database_->write(statement, values...);
    }
    void recount();
    /// Database::atomically() for what changes how much there is: the counts are right when `work` begins.
    template <class Work>
    auto change(Work&& work) {
        return database_->atomically([&] {
            const bool are_wrong = counts_.open_notifications < 0 || counts_.deliveries < 0;
            if (are_wrong || counts_.as_of_rollbacks != database_->rollbacks()) recount();
            return work();
        });
    }

    Saved check_number(std::size_t users) const;
    /// Below zero when there are too many already.
    std::int64_t room_for_deliveries();
    Saved check_deliveries();
    Saved check_room(const NotificationRecord& notification);
    std::int64_t insert_notification(const NotificationRecord& notification, Told told,
                                     std::int64_t last_subscription, UnixMs now);
    static std::string json_list(std::span<const std::string> users);
    std::string listed_users() const;
    std::int64_t reach(std::int64_t notification_id, const std::string& author, const std::string& users,
                       UnixMs now);
    std::vector<std::string> subscribed_among(std::span<const std::string> users);
    void unhold(std::int64_t notification_id, const std::string& unreached, UnixMs now);
    void end_holds(const std::string& holder, UnixMs overdue_since, UnixMs now);
    Stored<Subscribed> keep(const SubscriptionRecord& record, UnixMs now);
    Saved check_endpoint(const SubscriptionRecord& record);
    /// Rows written: none when the endpoint is another user's.
    std::int64_t upsert(const SubscriptionRecord& record, UnixMs now);
    std::size_t evict_oldest(const std::string& user_id);
    Stored<bool> replace_present(const std::string& old_endpoint, const std::string& old_auth,
                                 SubscriptionRecord& record, UnixMs now);
    Stored<bool> replace_former(const std::string& old_endpoint, const std::string& old_auth,
                                SubscriptionRecord& record, UnixMs now);
    void forget_former(const SubscriptionRecord& record);
    void end_subscription(std::int64_t id, const std::string& endpoint, UnixMs now);
    void end_if_complete(std::int64_t notification_id, UnixMs now);

    std::optional<Spreading> next_spreading();
    void spread(const Spreading& notification, std::size_t count_max, UnixMs now);
    void spread_too_late(const Spreading& notification, UnixMs now);

    InFlight in_flight(UnixMs now);
    std::optional<std::pair<Lane, UnixMs>> lane_after(const Lane& lane);
    std::vector<Lane> due_lanes(const TakeLimits& limits, UnixMs now);
    std::vector<Delivery> due_in(const Lane& lane, std::size_t count_max, UnixMs now);
    bool lease(Delivery& delivery, base::Millis length, UnixMs now);
    bool put_back(const Delivery& delivery, UnixMs due_at);
    /// Whether its subscription has another endpoint by now.
    bool has_moved(const Delivery& delivery);
    void end_delivery(const Delivery& delivery, Outcome outcome, UnixMs now);
    void count_ended(const Delivery& delivery, Outcome outcome, UnixMs now);

    const std::unique_ptr<Database> database_;
    const PushLimits limits_;
    const std::string holder_;
    Counts counts_;
    std::int64_t spread_after_ = 0;  // the notification that advanced last
    Lane taken_after_;               // the lane that take_due() looked at last
};

}  // namespace pipit::store
