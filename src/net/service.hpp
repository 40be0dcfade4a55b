#pragma once

#include <memory>

#include "base/time.hpp"
#include "net/websocket_connection.hpp"

namespace pipit::net {

/// What a worker does for its WebSocket connections. One for each worker, on its thread.
class Service {
 public:
    virtual ~Service() = default;

    virtual std::unique_ptr<WebSocketHandler> open(WebSocketConnection& connection,
                                                   WebSocketOpening opening) = 0;

    virtual void begin_turn() = 0;
    /// The turn has gathered so much that it should end.
    virtual bool turn_is_full() const = 0;
    /// Before the outboxes are flushed: nothing may be added to what this turn has gathered.
    virtual void end_turn() = 0;
    /// After it: what else is to be done. May touch outboxes again.
    virtual void carry_out_effects() = 0;
    /// Some times a second.
    virtual void tick() = 0;

    /// Sends some of the connections away; called with every tick. False when none is left.
    virtual bool drain_some() = 0;
};

}  // namespace pipit::net
