#pragma once

#include <cstdint>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "core/ids.hpp"
#include "core/testing/model_runs.hpp"

namespace pipit::core {

/// Asks in one world after the other, on one worker, on two and so on, until an answer is wrong. `World` is
/// made of a seed and a number of workers; its ask() returns what is wrong with the answer to its next
/// question, or nothing.
template <class World>
void ask_worlds(std::uint64_t worlds_otherwise, int questions_in_a_world) {
    const std::uint64_t first = model_seed(), worlds = model_runs(worlds_otherwise);
    for (std::uint64_t seed = first; seed < first + worlds; ++seed) {
        const auto workers = static_cast<WorkerIndex>(1 + seed % 4);
        World world(seed, workers);
        for (int i = 0; i < questions_in_a_world; ++i) {
            const std::string wrong = world.ask();
            ASSERT_EQ(wrong, "") << "seed " << seed << ", " << workers << " workers, question " << i;
        }
    }
    std::cout << worlds * static_cast<std::uint64_t>(questions_in_a_world) << " questions, from seed "
              << first << "\n";
}

}  // namespace pipit::core
