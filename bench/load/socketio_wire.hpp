#pragma once

#include "load/wire.hpp"

namespace pipit::bench {

/// Socket.IO protocol 5 in Engine.IO protocol 4, on the WebSocket transport alone, as
/// servers/socketio_server.mjs answers it.
class SocketioWire : public Wire {
 public:
    std::string upgrade_target(const Seat&) const override { return "/socket.io/?EIO=4&transport=websocket"; }
    Heard hear(const Seat& seat, std::string_view text, std::string& answer) const override;
    std::string post(const Seat& seat, std::uint64_t sequence) const override;
};

}  // namespace pipit::bench
