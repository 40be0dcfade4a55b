#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "core/push_command.hpp"
#include "core/shard_message.hpp"
#include "net/boost_asio.hpp"
#include "net/name_lookup.hpp"
#include "net/push_desk.hpp"
#include "net/push_ledger.hpp"
#include "net/push_pump.hpp"
#include "net/push_sealer.hpp"
#include "net/push_sender.hpp"
#include "net/push_store_door.hpp"
#include "net/push_store_health.hpp"
#include "net/shard_mail.hpp"
#include "push/retry_policy.hpp"
#include "push/vapid_keys.hpp"
#include "push/vapid_subject.hpp"
#include "store/push_store.hpp"
#include "store/store_thread.hpp"

namespace pipit::net {

struct PushEngineSettings {
    PushSenderSettings sender;
    /// Of the hosts of new subscriptions.
    NameLookup::Settings names;
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
    using ToWorker = ShardMail::ToWorker;

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
    /// So much waits that nothing more should be asked. Any thread.
    bool is_congested() const {
        return commands_waiting_.load(std::memory_order_relaxed) > kCommandsWaitingMax;
    }
    /// After a rotation. Any thread.
    void set_keys(push::VapidKeys keys);

    /// Answers what was received, gives what is in flight stop_patience to end, and leaves the rest to the
    /// next process. `to_worker` is called until it returns. May be called twice.
    void stop();

 private:
    // Some turns of all workers under load, and a few megabytes.
    static constexpr std::size_t kCommandsWaitingMax = 16'384;

    void run();
    /// Runs `task` on the engine's thread and waits for it to call `done`.
    void wait_for(std::function<void(std::function<void()> done)> task);

    const base::Millis stop_patience_;
    std::atomic<std::size_t> commands_waiting_ = 0;
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> stays_{loop_.get_executor()};
    // The thread's own, but for the doors of the store and the sender.
    ShardMail mail_;
    PushStoreHealth health_;
    PushSealer sealer_;
    PushStoreDoor store_;
    PushLedger ledger_;
    PushSender sender_;
    PushPump pump_;
    NameLookup names_;
    PushDesk desk_;

    std::thread thread_;
};

}  // namespace pipit::net
