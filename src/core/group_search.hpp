#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/group_home.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// Finds groups wherever they have their home: asks every worker for a page and puts one together from what
/// they have. Owned by one worker; an instance on each of them answers the others.
class GroupSearch {
 public:
    using Done = std::function<void(GroupPage page)>;

    GroupSearch(ShardPort& port, const GroupHome& groups, WorkerIndex self, WorkerIndex worker_count)
        : port_(port), groups_(groups), self_(self), worker_count_(worker_count) {}

    /// The first groups of the question behind `after`. `done` is called once, now or in a later turn.
    void begin(std::shared_ptr<const GroupQuery> query, std::optional<GroupKey> after, Done done);

    /// Answers with GroupsFound.
    void answer(FindGroups&& message);
    void take(GroupsFound&& message);

 private:
    struct Search {
        std::shared_ptr<const GroupQuery> query;
        Done done;
        WorkerIndex outstanding;
        GroupPage found;  // not in order yet, and of all workers
    };
    static GroupPage put_together(Search&& search);

    ShardPort& port_;
    const GroupHome& groups_;
    WorkerIndex self_;
    WorkerIndex worker_count_;
    std::uint64_t last_search_ = 0;
    boost::unordered_flat_map<std::uint64_t, Search> searches_;
};

}  // namespace pipit::core
