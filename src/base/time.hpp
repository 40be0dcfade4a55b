#pragma once

#include <chrono>
#include <cstdint>

namespace pipit::base {

/// A moment on the monotonic clock: deadlines, rates. Pure code takes it as an argument.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

/// A length of time; everything that a user can set is in milliseconds.
using Millis = std::chrono::milliseconds;

/// Seconds since 1970-01-01 UTC, as tokens carry them (RFC 7519 section 2, NumericDate).
using UnixSeconds = std::int64_t;

}  // namespace pipit::base
