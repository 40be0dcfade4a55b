#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/time.hpp"
#include "core/group_home.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// Finds groups wherever they have their home: asks every worker for a page and puts one together from what
/// they have. Owned by one worker; an instance on each of them answers the others.
class GroupSearch {
 public:
    /// `as_of`: the moments that the page is of, for the place at which the next one begins.
    using Done = std::function<void(GroupPage page, std::vector<std::uint64_t> as_of)>;
    /// So long after a page in the order by number the moment that it was of is remembered.
    static constexpr base::Millis kMomentKept{60'000};

    GroupSearch(ShardPort& port, GroupHome& groups, WorkerIndex self, WorkerIndex worker_count)
        : port_(port), groups_(groups), self_(self), worker_count_(worker_count) {}

    /// The first groups of the question behind `after`. `goes_on`: the next page may be asked for as well.
    /// `done` is called once, now or in a later turn.
    void begin(std::shared_ptr<const GroupQuery> query, std::optional<GroupPlace> after, bool goes_on,
               Done done);

    /// Answers with GroupsFound.
    void answer(FindGroups&& message, base::Instant now);
    void take(GroupsFound&& message);
    void tick(base::Instant now);

 private:
    struct Search {
        std::shared_ptr<const GroupQuery> query;
        Done done;
        WorkerIndex outstanding;
        std::vector<std::uint64_t> as_of;  // by worker
        GroupPage found = {};
    };

    ShardPort& port_;
    GroupHome& groups_;
    WorkerIndex self_;
    WorkerIndex worker_count_;
    std::uint64_t last_search_ = 0;
    boost::unordered_flat_map<std::uint64_t, Search> searches_;
    base::Instant past_kept_until_{};
};

}  // namespace pipit::core
