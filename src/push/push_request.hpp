#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "push/endpoint.hpp"

namespace pipit::push {

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

/// A POST over https, ready to be sent.
struct PushRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  ///< without Host and Content-Length
    std::string body;
};

/// The request of RFC 8030 section 5 with a body of encrypt_payload(), signed with a token of
/// VapidTokens::token() for the endpoint's origin by the key of `vapid_public_text`. For a retry `ttl_s` is
/// what is left of it. The options must be within the limits.
PushRequest make_push_request(const Endpoint& endpoint, const DeliveryOptions& options,
                              std::string_view vapid_token, std::string_view vapid_public_text,
                              std::string body);

}  // namespace pipit::push
