#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pipit::bench {

namespace {

// Below 2^7 ns every value has a step of its own; above, each doubling has 2^6 steps.
constexpr unsigned kStepBits = 6;
constexpr std::uint64_t kSteps = 1u << kStepBits;

std::size_t step_of(std::uint64_t ns) {
    if (ns < 2 * kSteps) return ns;
    const auto shift = static_cast<unsigned>(std::bit_width(ns)) - kStepBits - 1;
    return (shift << kStepBits) + (ns >> shift);
}

std::uint64_t highest_of(std::size_t step) {
    if (step < 2 * kSteps) return step;
    const auto shift = (step >> kStepBits) - 1;
    return ((kSteps + step % kSteps + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : counts_(step_of(UINT64_MAX) + 1) {}

void Histogram::add(std::uint64_t ns) {
    ++counts_[step_of(ns)];
    ++total_;
}

void Histogram::clear() {
    std::ranges::fill(counts_, 0);
    total_ = 0;
}

std::uint64_t Histogram::quantile_ns(double quantile) const {
    if (total_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    std::size_t step = 0;
    while (seen + counts_[step] < wanted)
        seen += counts_[step++];
    return highest_of(step);
}

}  // namespace pipit::bench
