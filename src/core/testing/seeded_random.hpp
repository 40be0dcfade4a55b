#pragma once

#include <cstdint>
#include <random>
#include <span>

#include "base/random.hpp"

namespace pipit::core {

/// The same values for the same seed, on every platform.
class SeededRandom final : public base::Random {
 public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out)
            byte = static_cast<std::uint8_t>(engine_() >> 32);
    }
    bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
    std::mt19937_64 engine_;
};

}  // namespace pipit::core
