#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.hpp"

namespace pipit::push {

/// Gives the bytes of its script, and then 1, 2, 3 and so on, over and over.
class ScriptedRandom final : public base::Random {
 public:
    explicit ScriptedRandom(std::vector<std::uint8_t> script = {}) : script_(std::move(script)) {}

    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out)
            byte = at_ < script_.size() ? script_[at_++] : ++counted_;
    }

 private:
    std::vector<std::uint8_t> script_;
    std::size_t at_ = 0;
    std::uint8_t counted_ = 0;
};

}  // namespace pipit::push
