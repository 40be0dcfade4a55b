#pragma once

#include <optional>
#include <span>

namespace pipit::core {

/// A stretch of an order: from `from`, up to but not including `to`; without `to` it is open.
template <class Key>
struct KeyRange {
    Key from;
    std::optional<Key> to = {};
    friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

/// Visits what is in an ordered set and in `ranges`, in that order or backwards, until `visit(*position)`
/// returns false. The ranges rise and do not overlap. What stands at or before `after` (backwards: at or
/// behind it) is left out. Finding the first one takes logarithmic time.
///
/// `lower(key)` gives the position of the first element that is not before the key, `upper(key)` of the first
/// behind it, `end` is the position behind the last.
template <class Key, class Lower, class Upper, class Position, class Visit>
void walk(std::span<const KeyRange<Key>> ranges, bool ascending, const Key* after, Lower&& lower,
          Upper&& upper, Position end, Visit&& visit) {
    const auto walk_one = [&](const KeyRange<Key>& range) {
        if (range.to && !(range.from < *range.to)) return true;
        if (ascending) {
            if (after != nullptr && range.to && !(*after < *range.to)) return true;
            const Position last = range.to ? lower(*range.to) : end;
            Position at = after != nullptr && !(*after < range.from) ? upper(*after) : lower(range.from);
            for (; at != last; ++at) {
                if (!visit(*at)) return false;
            }
        } else {
            if (after != nullptr && !(range.from < *after)) return true;
            const bool is_cut = after != nullptr && (!range.to || *after < *range.to);
            const Position first = lower(range.from);
            Position at = is_cut ? lower(*after) : range.to ? lower(*range.to) : end;
            while (at != first) {
                if (!visit(*--at)) return false;
            }
        }
        return true;
    };
    if (ascending) {
        for (auto range = ranges.begin(); range != ranges.end() && walk_one(*range); ++range) {
        }
    } else {
        for (auto range = ranges.rbegin(); range != ranges.rend() && walk_one(*range); ++range) {
        }
    }
}

}  // namespace pipit::core
