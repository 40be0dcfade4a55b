#pragma once

#include <chrono>
#include <cstdint>

#include <openssl/rand.h>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace pipit::net {

/// The operating system's unpredictable bytes, through OpenSSL's generator. Any thread may have its own.
class OsRandom final : public base::Random {
 public:
    void fill(std::span<std::uint8_t> out) override {
        PIPIT_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
    }
};

inline base::Instant monotonic_now() {
    return std::chrono::time_point_cast<base::Millis>(std::chrono::steady_clock::now());
}

inline base::UnixSeconds unix_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// The same in milliseconds, as stores keep it.
inline std::int64_t unix_ms_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace pipit::net
