#pragma once

#include <chrono>
#include <string>

#include "load/process_tree.hpp"
#include "load/scenario.hpp"
#include "load/wire.hpp"

namespace pipit::bench {

/// What to measure, and whom.
struct Order {
    const Wire& wire;
    std::uint16_t port;
    const ProcessTree& server;
    Scenario scenario;
    std::chrono::milliseconds warm_up;   ///< posts that are not counted
    std::chrono::milliseconds duration;  ///< posts that are
};

/// Posts for warm_up and duration, waits for what is on the way, and tells in one JSON object what was
/// delivered, how fast, at what cost, and what was lost.
std::string measure_traffic(const Order& order);

/// Opens the connections and tells in one JSON object how much memory the server took for them.
std::string measure_idle(const Order& order);

}  // namespace pipit::bench
