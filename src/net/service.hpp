#pragma once

#include <functional>
#include <variant>

#include "base/time.hpp"
#include "net/http.hpp"
#include "net/websocket_connection.hpp"

namespace pipit::net {

/// Takes the answer to the request that it was made for. To be called at most once, on the worker's thread,
/// in a turn, and not before the call that handed it out has returned. It keeps the connection; when it goes
/// without having been called, the connection ends without an answer.
using HttpResponder = std::function<void(HttpResponse)>;

/// What a service does with an HTTP request that it is offered.
struct NotForService {};
struct AnswersLater {};  ///< it has kept the responder
using RequestOutcome = std::variant<NotForService, AnswersLater, HttpResponse>;

/// What a service says to an opening handshake.
using Admission = std::variant<HttpResponse, WebSocketHandlerMaker>;

/// What a worker does for its connections. One for each worker, on its thread.
class Service {
 public:
    virtual ~Service() = default;

    /// Lets in the connection whose handshake is in order, or answers why not. `request` is valid during the
    /// call.
    virtual Admission admit(const HttpRequest& request, WebSocketOpening opening) = 0;
    /// Every request that is not for the WebSocket is offered first. `request` is valid during the call. The
    /// connection reads no further one before the answer, and when its client goes away meanwhile, the
    /// answer is dropped. One whose body is too large cannot be answered later, and ends its connection.
    virtual RequestOutcome offer(const HttpRequest& request, HttpResponder responder) = 0;

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
    /// The worker ends, and its connections right behind this: the last moment for answers.
    virtual void stop() = 0;
};

}  // namespace pipit::net
