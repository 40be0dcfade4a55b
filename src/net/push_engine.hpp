#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "core/push_command.hpp"
#include "core/shard_message.hpp"
#include "net/push_sender.hpp"
#include "push/retry_policy.hpp"
#include "push/vapid_keys.hpp"
#include "push/vapid_subject.hpp"
#include "store/push_store.hpp"
#include "store/store_thread.hpp"

namespace pipit::net {

struct PushEngineSettings {
    PushSenderSettings sender;
    store::StoreThread::Settings store;
    store::TakeLimits take;
    push::RetryPolicy retry;
    std::optional<push::VapidSubject> subject;
    /// How long users who seem to be connected have to show that they are, before they are notified, too.
    base::Millis confirm_timeout{8'000};
    /// Users that are waited for so, of all notifications together. What would be more is answered with
    /// notification_not_kept.
    std::size_t users_held_max = 200'000;
    /// For how long the progress of a notification is known after its end.
    base::Millis finished_kept{24 * 3'600'000};
    /// For what is in flight when the engine stops.
    base::Millis stop_patience{5'000};
};

/// Keeps the subscriptions of all hubs and sends their notifications: takes commands, writes down what must
/// not be lost, hands messages to push services and tries again. On a thread of its own, with one for the
/// disk (StoreThread) and one for the network (PushSender).
///
/// Each Asker gets exactly one Answer. What was answered with `ok` survives the process: each device gets it
/// once, and after a crash at least once.
class PushEngine {
 public:
    /// Takes messages to the hub of a worker. Called on the engine's thread; must not block.
    using ToWorker = std::function<void(core::WorkerIndex to, std::vector<core::ShardMessage> messages)>;

    PushEngine(PushEngineSettings settings, std::unique_ptr<store::PushStore> store, push::VapidKeys keys,
               core::WorkerIndex worker_count, ToWorker to_worker);
    /// Like stop().
    ~PushEngine();
    PushEngine(const PushEngine&) = delete;
    PushEngine& operator=(const PushEngine&) = delete;

    /// Begins with what a process before this one left.
    void start();

    /// Any thread. Before start() they wait; after stop() nobody answers.
    void receive(std::vector<core::PushCommand> commands);
    /// After a rotation. Any thread.
    void set_keys(push::VapidKeys keys);

    /// Answers what was received, gives what is in flight stop_patience to end, and leaves the rest to the
    /// next process. `to_worker` is called until it returns. May be called twice.
    void stop();
};

}  // namespace pipit::net
