#pragma once

#include <chrono>
#include <string_view>

#include "base/result.hpp"

namespace pipit::app {

/// Reads a length of time as people write it on a command line: a whole number above zero and one unit of s,
/// m, h or d, such as 90s, 15m, 24h or 7d. At most 3650 days.
base::Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace pipit::app
