#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "core/hub.hpp"
#include "core/testing/seeded_random.hpp"

namespace pipit::core {

/// The hubs of several workers and what is under way between them. Nothing moves by itself: whoever drives it
/// chooses which message arrives next, in the order of each pair of workers and in any order among pairs.
/// What a worker posts last arrives after all that it has posted before, to whomever.
class HubMesh {
 public:
    /// `settings` must outlive the mesh.
    HubMesh(const HubSettings& settings, WorkerIndex worker_count, std::uint64_t seed,
            std::shared_ptr<const auth::KeyRing> keys);

    WorkerIndex worker_count() const { return static_cast<WorkerIndex>(workers_.size()); }
    Hub& hub(WorkerIndex worker) { return workers_[worker]->hub; }
    TouchedOutboxes& touched(WorkerIndex worker) { return workers_[worker]->touched; }

    void set_time(TurnTime time);

    /// Flushes the worker's outboxes and sends what it has for the others. Returns what it wants closed.
    std::vector<HubEffects::Closing> end_turn(WorkerIndex worker);

    /// Hands over the oldest message from one worker to another; false when there is none.
    bool deliver(WorkerIndex from, WorkerIndex to);
    bool anything_under_way() const;

 private:
    struct Worker {
        Worker(const HubSettings& settings, WorkerIndex self, WorkerIndex count, std::uint64_t seed,
               std::shared_ptr<const auth::KeyRing> keys)
            : random(seed), hub(settings, self, count, random, arena, std::move(keys)), inbox_from(count) {}
        SeededRandom random;
        FrameArena arena;
        TouchedOutboxes touched;
        Hub hub;
        std::vector<std::deque<ShardMessage>> inbox_from;
        std::deque<std::pair<WorkerIndex, ShardMessage>>
            posted_last;  // waits until what was posted before has arrived
    };
    bool has_arrived_all_from(WorkerIndex from) const;
    void post_last(WorkerIndex from);

    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace pipit::core
