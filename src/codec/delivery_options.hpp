#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pipit::codec {

/// RFC 8030 section 5.3: from what a device may learn when it next wakes to what shall wake it.
enum class Urgency : std::uint8_t { very_low, low, normal, high };

/// "very-low", "low", "normal" and "high"; nothing for anything else.
std::optional<Urgency> urgency_from_name(std::string_view name);
std::string_view urgency_name(Urgency urgency);

/// How a push service is to treat one notification.
struct DeliveryOptions {
    /// How long a service keeps it for a device that cannot be reached, and how long we keep trying; 0: now
    /// or never. The default is a day: what is older has been seen in another way, or is no news.
    std::int64_t ttl_s = 24 * 3'600;
    Urgency urgency = Urgency::normal;
    /// A newer message replaces a waiting one of the same topic; "": it replaces none.
    std::string topic = {};
};

/// No service keeps a message for longer.
inline constexpr std::int64_t kTtlMax_s = 28 * 24 * 3'600;
/// RFC 8030 section 5.4.
inline constexpr std::size_t kTopicCharactersMax = 32;

/// Whether `ttl_s` and `topic` are within the limits, or which is not and what is allowed.
base::Status check_options(const DeliveryOptions& options);

}  // namespace pipit::codec
