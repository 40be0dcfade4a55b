#pragma once

#include <deque>
#include <string>
#include <utility>

#include "base/overloaded.hpp"
#include "core/testing/hub_mesh.hpp"

namespace pipit::core {

/// Stands for the one who keeps subscriptions and sends notifications: grants everything, one thing after the
/// other and whenever it is told to.
class PushDesk {
 public:
    explicit PushDesk(HubMesh& mesh) : mesh_(mesh) {}

    /// After each turn of a worker.
    void take_from(WorkerIndex worker) {
        for (PushCommand& command : std::exchange(mesh_.hub(worker).effects().push, {}))
            waiting_.push_back(std::move(command));
    }
    bool empty() const { return waiting_.empty(); }
    /// Grants what was asked first; false when there is nothing.
    bool grant_next() {
        if (waiting_.empty()) return false;
        const PushCommand command = std::move(waiting_.front());
        waiting_.pop_front();
        std::visit(base::Overloaded{[](const MessageArrived&) {},
                                    [this](const NotifyAddressed& notify) { grant(notify); },
                                    [this](const auto& asked) { answer(asked.asker, "{}"); }},
                   command);
        return true;
    }

 private:
    void answer(const Asker& asker, std::string text) {
        mesh_.hub(asker.worker).handle(Answer{asker, std::nullopt, std::move(text)});
    }
    void grant(const NotifyAddressed& notify) {
        answer(notify.asker, notify.answer);
        ++notifications_;
        for (const UserId& user : notify.here) {
            const auto home = static_cast<WorkerIndex>(home_hash(*user) % mesh_.worker_count());
            mesh_.hub(home).handle(ProbeUsers{notifications_, {user}});
        }
    }

    HubMesh& mesh_;
    std::deque<PushCommand> waiting_;
    std::uint64_t notifications_ = 0;
};

}  // namespace pipit::core
