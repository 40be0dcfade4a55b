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
        : filled_at_(now), millitokens_(std::uint64_t{settings.burst} * 1000) {}

    /// Takes one token if there is one.
    [[nodiscard]] bool take(const Settings& settings, base::Instant now) {
        millitokens_ = filled(settings, now);
        filled_at_ = now;
        if (millitokens_ < 1000) return false;
        millitokens_ -= 1000;
        return true;
    }

    /// Takes more, for something that was let in and has turned out to be more work; at most what is there.
    void take_also(std::uint64_t tokens) { millitokens_ -= std::min(millitokens_, tokens * 1000); }

    /// Whether it stands as a new one does: nothing was taken for long enough.
    bool is_full(const Settings& settings, base::Instant now) const {
        return filled(settings, now) == std::uint64_t{settings.burst} * 1000;
    }

    /// How long until take() can succeed again, in milliseconds, at least 1.
    std::uint64_t wait_ms(const Settings& settings) const {
        const std::uint64_t missing = millitokens_ < 1000 ? 1000 - millitokens_ : 0;
        return std::max<std::uint64_t>(1, (missing + settings.per_second - 1) / settings.per_second);
    }

 private:
    std::uint64_t filled(const Settings& settings, base::Instant now) const {
        const auto elapsed_ms =
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now - filled_at_).count()));
        return std::min(millitokens_ + elapsed_ms * settings.per_second,
                        std::uint64_t{settings.burst} * 1000);
    }

    base::Instant filled_at_;
    std::uint64_t millitokens_;
};

}  // namespace pipit::core
