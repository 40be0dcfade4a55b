#include "app/settings_nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include <fmt/format.h>

namespace pipit::app {
namespace {

/// Levenshtein's distance, one row of the matrix at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view wanted, const std::vector<std::string>& candidates) {
    // A name whose section was forgotten is compared with the names inside the sections.
    const bool has_section = wanted.find('.') != std::string_view::npos;
    // With two letters of three changed, anything is close.
    std::size_t smallest = wanted.size() <= 3 ? 2 : std::max<std::size_t>(2, wanted.size() / 4) + 1;
    std::optional<std::string> found;
    for (const std::string& candidate : candidates) {
        const std::string_view whole = candidate;
        const std::size_t distance =
            std::min(edit_distance(wanted, whole),
                     has_section ? smallest : edit_distance(wanted, whole.substr(whole.rfind('.') + 1)));
        if (distance < smallest) {
            smallest = distance;
            found = candidate;
        }
    }
    return found;
}

std::string suggestion(std::string_view wanted, const std::vector<std::string>& candidates) {
    const std::optional<std::string> found = nearest(wanted, candidates);
    return found ? fmt::format("; did you mean {}?", *found) : "";
}

}  // namespace pipit::app
