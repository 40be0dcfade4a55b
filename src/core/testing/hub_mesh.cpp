#include "core/testing/hub_mesh.hpp"

#include <algorithm>

namespace pipit::core {

HubMesh::HubMesh(const HubSettings& settings, WorkerIndex worker_count, std::uint64_t seed,
                 std::shared_ptr<const auth::KeyRing> keys) {
    for (WorkerIndex self = 0; self < worker_count; ++self) {
        workers_.push_back(std::make_unique<Worker>(settings, self, worker_count, seed * 64 + self, keys));
    }
}

void HubMesh::set_time(TurnTime time) {
    for (const auto& worker : workers_)
        worker->hub.begin_turn(time);
}

std::vector<HubEffects::Closing> HubMesh::end_turn(WorkerIndex index) {
    Worker& worker = *workers_[index];
    worker.hub.end_turn();
    worker.touched.flush_all();
    worker.arena.end_turn();
    HubEffects& effects = worker.hub.effects();
    for (WorkerIndex to = 0; to < worker_count(); ++to) {
        auto& inbox = workers_[to]->inbox_from[index];
        std::move(effects.outgoing[to].begin(), effects.outgoing[to].end(), std::back_inserter(inbox));
        effects.outgoing[to].clear();
        for (ShardMessage& message : std::exchange(effects.outgoing_last[to], {}))
            worker.posted_last.emplace_back(to, std::move(message));
    }
    post_last(index);
    return std::exchange(effects.closing, {});
}

bool HubMesh::deliver(WorkerIndex from, WorkerIndex to) {
    auto& inbox = workers_[to]->inbox_from[from];
    if (inbox.empty()) return false;
    ShardMessage message = std::move(inbox.front());
    inbox.pop_front();
    hub(to).handle(std::move(message));
    post_last(from);
    return true;
}

bool HubMesh::has_arrived_all_from(WorkerIndex from) const {
    return std::all_of(workers_.begin(), workers_.end(),
                       [&](const auto& worker) { return worker->inbox_from[from].empty(); });
}

void HubMesh::post_last(WorkerIndex from) {
    if (!has_arrived_all_from(from)) return;
    for (auto& [to, message] : std::exchange(workers_[from]->posted_last, {}))
        workers_[to]->inbox_from[from].push_back(std::move(message));
}

bool HubMesh::anything_under_way() const {
    return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) {
        return !worker->posted_last.empty() ||
               std::any_of(worker->inbox_from.begin(), worker->inbox_from.end(),
                           [](const auto& inbox) { return !inbox.empty(); });
    });
}

}  // namespace pipit::core
