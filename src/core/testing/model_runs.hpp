#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace pipit::core {

/// A number from the environment, by which one run of a model test is repeated: PIPIT_MODEL_SEED=8
/// PIPIT_MODEL_RUNS=1.
inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::stoull(text) : otherwise;
}
inline std::uint64_t model_seed() {
    return number_from("PIPIT_MODEL_SEED", 1);
}
inline std::uint64_t model_runs(std::uint64_t otherwise) {
    return number_from("PIPIT_MODEL_RUNS", otherwise);
}

}  // namespace pipit::core
