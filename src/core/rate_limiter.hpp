#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace pipit::core {

/// A token bucket: `per_second` on average, at most `burst` at once. Counts in thousandths, so that it is
/// exact in whole milliseconds.
class RateLimiter {
 public:
    struct Settings {
        std::uint32_t per_second = 100;
        std::uint32_t burst = 200;
    };

    RateLimiter(const Settings& settings, base::Instant now)
        : filled_at_(now), millitokens_(full(settings)) {}

    /// Takes one token if there is one.
    [[nodiscard]] bool take(const Settings& settings, base::Instant now) {
        millitokens_ = filled(settings, now);
        filled_at_ = now;
        if (millitokens_ < 1000) return false;
        millitokens_ -= 1000;
        return true;
    }

    /// Takes more, for something that was let in and has turned out to be more work. What is not there is
    /// owed: nothing else is let in before it has come in again.
    void take_also(std::uint32_t tokens) { millitokens_ -= std::int64_t{tokens} * 1000; }

    /// Whether it stands as a new one does: nothing was taken for long enough.
    bool is_full(const Settings& settings, base::Instant now) const {
        return filled(settings, now) == full(settings);
    }

    /// How long until take() can succeed again, in milliseconds, at least 1.
    std::uint64_t wait_ms(const Settings& settings) const {
        const std::int64_t missing = std::max<std::int64_t>(0, 1000 - millitokens_);
        return static_cast<std::uint64_t>(
            std::max<std::int64_t>(1, (missing + settings.per_second - 1) / settings.per_second));
    }

 private:
    static std::int64_t full(const Settings& settings) { return std::int64_t{settings.burst} * 1000; }
    std::int64_t filled(const Settings& settings, base::Instant now) const {
        const std::int64_t elapsed_ms = std::max<std::int64_t>(0, (now - filled_at_).count());
        return std::min(millitokens_ + elapsed_ms * settings.per_second, full(settings));
    }

    base::Instant filled_at_;
    std::int64_t millitokens_;
};

}  // namespace pipit::core
