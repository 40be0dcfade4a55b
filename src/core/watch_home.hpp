#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "core/encoded_event.hpp"
#include "core/group_search.hpp"
#include "core/name_map.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// The name under which a watched list is delivered like a group: no group can have it.
std::string delivery_name_of(std::string_view watch);

/// A list as those who watch it have it.
template <class Row>
struct WatchedRows {
    std::vector<Row> list;
    bool end_of_list = true;
};

/// The watched lists that have their home on this worker. One list is looked at once, however many
/// connections watch it, and not more often than once in an interval; what changed is sent to them as one
/// event. Owned by one worker.
class WatchHome {
 public:
    struct Settings {
        std::size_t watches_max;  ///< lists; a watch of one more is refused
        base::Millis interval;
    };
    WatchHome(ShardPort& port, EventEncoder& encoder, base::Random& random, GroupSearch& search,
              const GroupHome& groups, WorkerIndex self, WorkerIndex worker_count, const Settings& settings)
        : port_(port),
          encoder_(encoder),
          random_(random),
          search_(search),
          groups_(groups),
          self_(self),
          worker_count_(worker_count),
          settings_(settings) {}

    /// Answers with Watching, and sends events from then on to the worker of the caller.
    void start(StartWatch&& message);
    void stop(StopWatch&& message);

    void on_members_changed(std::string_view group);
    void on_groups_changed();
    /// Looks again at what has changed, and tells.
    void tick(base::Instant now);

    std::size_t watch_count() const { return watches_.size(); }

 private:
    /// Who waits for the answer to what it has asked for: from a look that began after that, so that it finds
    /// there what it has done before.
    struct Starter {
        StartWatch message;
        std::uint64_t look;
    };
    struct Watch {
        std::string id;
        std::string key;
        std::shared_ptr<const GroupQuery> groups;  // null: of members
        MemberQuery members;
        std::variant<WatchedRows<codec::v1::GroupRow>, WatchedRows<codec::v1::UserRow>> rows;
        std::uint64_t version = 0;  // 0: not looked at yet
        bool changed = false;
        bool searching = false;
        std::uint64_t looks = 0;  // that have begun
        base::Instant looked_at{};
        std::vector<std::uint32_t> watchers_on;  // by worker
        std::uint32_t deflate_watchers = 0;
        std::vector<Starter> unanswered;
    };

    Watch& make(StartWatch& message);
    void answer(const Watch& watch, const StartWatch& to);
    void look(Watch& watch);
    void look_at_members(Watch& watch);
    /// `found`: what earlier steps of this look have.
    void look_for_groups(Watch& watch, codec::v1::GroupRows found, std::optional<GroupPlace> after,
                         int steps_left);
    template <class Row>
    void show(Watch& watch, WatchedRows<Row> rows);
    template <class Row>
    void tell_change(Watch& watch, WatchedRows<Row> rows);
    /// Sends what is in `json_` to all that watch.
    void deliver(const Watch& watch);
    void end(const Watch& watch);
    bool is_congested(const Watch& watch) const;
    void forget(const Watch& watch);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    GroupSearch& search_;
    const GroupHome& groups_;
    WorkerIndex self_;
    WorkerIndex worker_count_;
    Settings settings_;
    base::Instant now_{};
    NameMap<std::unique_ptr<Watch>> watches_;  // by id
    NameMap<Watch*> by_key_;
    NameMap<std::vector<Watch*>> by_group_;  // those of members
    std::string json_;
};

}  // namespace pipit::core
