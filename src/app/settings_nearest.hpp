#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipit::app {

/// The candidate that `wanted` is most likely a misspelling of, by edit distance; nothing when none is close.
/// The first of several that are equally close.
std::optional<std::string> nearest(std::string_view wanted, const std::vector<std::string>& candidates);

/// The sentence to put after an error about an unknown name: `; did you mean limits.x?`, or nothing at all.
std::string suggestion(std::string_view wanted, const std::vector<std::string>& candidates);

}  // namespace pipit::app
