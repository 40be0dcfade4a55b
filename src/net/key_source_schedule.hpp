#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "net/key_source.hpp"

namespace pipit::net {

/// When which key source is to be read. Pure: reading is the caller's.
///
/// A round begins when something is due and ends when nothing is being read. What falls due meanwhile joins
/// it, but no source is read twice in one round, so that it ends. Sources are named by their index.
class KeySourceSchedule {
 public:
    /// Most should leave these alone.
    struct Timing {
        /// How long a source is left alone after want(): anybody can make up a token with an unknown key, and
        /// must not be able to turn us against an issuer. A new key is published well before it signs, so
        /// whoever fetched this lately has it.
        base::Millis read_again_after{10'000};
        /// After a failure; doubled after each further one, up to the source's `refresh`.
        base::Millis retry_after{5'000};
        /// How old a successful reading may be for all_fresh(): read_again_after, and as much for a round's
        /// time.
        base::Millis fresh_for{20'000};
    };

    /// Every source is due at once.
    KeySourceSchedule(std::span<const KeySource> sources, Timing timing);

    /// What is to be read now. Each must be given back with finish().
    std::vector<std::size_t> begin_due(base::Instant now);

    /// True when the round ends with it.
    bool finish(std::size_t source, bool succeeded, base::Instant now);

    /// Makes everything due that was not begun within read_again_after. False when that leaves nothing to
    /// read or being read, so that no end of a round will follow.
    bool want(base::Instant now);

    /// Makes everything due. What is being read is read again in the next round: it may be the old document.
    void reload(base::Instant now);

    /// Whether every source was begun within fresh_for, and did not fail.
    bool all_fresh(base::Instant now) const;

    /// How long begin_due() will have nothing to give, if nobody interferes; nothing while only finish() can
    /// help.
    std::optional<base::Millis> idle_for(base::Instant now) const;

 private:
    enum class Phase { waiting, reading, finished };  // the last one until the round ends
    struct Source {
        base::Millis refresh;
        base::Millis retry_after;
        base::Instant due_at = base::Instant::min();
        std::optional<base::Instant> began_at = std::nullopt;
        bool succeeded = false;
        bool reload = false;
        Phase phase = Phase::waiting;
    };

    Timing timing_;
    std::vector<Source> sources_;
};

}  // namespace pipit::net
