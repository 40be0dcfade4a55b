#pragma once

#include <cstdint>
#include <vector>

namespace pipit::bench {

/// Counts of times, in steps of at most 1.6 % of the time: cheap enough to hold every delivery.
class Histogram {
 public:
    Histogram();

    void add(std::uint64_t ns);
    void clear();

    /// The time that the share `quantile` (0 to 1) of what was added does not exceed; 0 when nothing was.
    std::uint64_t quantile_ns(double quantile) const;

 private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

}  // namespace pipit::bench
