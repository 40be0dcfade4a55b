#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/hub.hpp"
#include "net/os.hpp"
#include "net/service.hpp"

namespace pipit::net {

/// pipit.v1 on one worker: its hub, and the way to the hubs of the other workers.
class RealtimeService final : public Service {
 public:
    /// Where the hubs' messages to each other and their wishes go.
    struct Links {
        /// Hands messages to the hub of another worker, in order.
        std::function<void(core::WorkerIndex to, std::vector<core::ShardMessage> messages)> send;
        /// Some token names a key that nobody knows.
        std::function<void()> want_keys;
    };

    RealtimeService(const core::HubSettings& settings, core::WorkerIndex self, core::WorkerIndex worker_count,
                    core::FrameArena& arena, std::shared_ptr<const auth::KeyRing> keys, Links links);

    /// Messages from another hub.
    void receive(std::vector<core::ShardMessage> messages);
    void keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched);
    /// Nobody is told of those who go from now on. Every worker must have done it before the first one
    /// drains.
    void begin_drain() { hub_.begin_drain(); }

    std::unique_ptr<WebSocketHandler> open(WebSocketConnection& connection,
                                           WebSocketOpening opening) override;
    void begin_turn() override;
    bool turn_is_full() const override { return hub_.turn_is_full(); }
    void end_turn() override { hub_.end_turn(); }
    void carry_out_effects() override;
    void tick() override { hub_.tick(); }
    bool drain_some() override;

 private:
    class Handler;

    OsRandom random_;
    core::Hub hub_;
    Links links_;
    std::vector<Handler*> handlers_;  // by slot of their session
};

}  // namespace pipit::net
