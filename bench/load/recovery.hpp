#pragma once

#include <cstdint>
#include <string>

#include "load/recovering_wire.hpp"
#include "load/report.hpp"

namespace pipit::bench {

/// Loses all connections of the scenario, posts `missed` messages to each room, and has everyone come back at
/// once; tells in one JSON object how long that took, and what it cost. The server's presence.grace_ms must
/// be longer than the posting.
std::string measure_recovery(const Order& order, const RecoveringWire& wire, std::uint32_t missed);

}  // namespace pipit::bench
