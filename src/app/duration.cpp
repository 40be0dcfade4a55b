#include "app/duration.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace pipit::app {
namespace {

constexpr std::int64_t kSecondsMax = 3650LL * 24 * 60 * 60;

/// How many seconds the unit has, or 0 for a unit that we do not know.
std::int64_t seconds_of(std::string_view unit) {
    if (unit == "s") return 1;
    if (unit == "m") return 60;
    if (unit == "h") return 60 * 60;
    if (unit == "d") return 24 * 60 * 60;
    return 0;
}

}  // namespace

base::Result<std::chrono::seconds> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    const std::int64_t unit_s = seconds_of({stop, static_cast<std::size_t>(end - stop)});
    if (error != std::errc() || unit_s == 0 || count < 1 || count > kSecondsMax / unit_s) {
        return base::Failure{
            fmt::format("a length of time is a whole number with s, m, h or d, such as 90s, 15m, 24h or 7d, "
                        "and at most 3650d, but this is \"{}\"",
                        text)};
    }
    return std::chrono::seconds(count * unit_s);
}

}  // namespace pipit::app
