#pragma once

#include <cstdint>

#include "codec/pipit_v1.hpp"

namespace pipit::core {

/// How many commands it counts for with who limits how many are sent: 1 at least, and more with what is more
/// work, such as long pages of lists, notifications and calls.
std::uint32_t cost_of(const codec::v1::Command& command);

}  // namespace pipit::core
