#pragma once

#include <cstdint>
#include <span>

namespace pipit::base {

/// Where unpredictable bytes come from. Pure code receives one; the program's own is net::OsRandom, tests use
/// a seeded one. Owned by one thread.
class Random {
 public:
    virtual ~Random() = default;
    /// Fills all of `out`.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    /// A value in [0, bound); `bound` must not be 0. Slightly biased, so for spreading load and not for
    /// secrets.
    std::uint64_t below(std::uint64_t bound) {
        std::uint64_t value = 0;
        fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
        return value % bound;
    }
};

}  // namespace pipit::base
