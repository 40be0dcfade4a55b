#pragma once

#include <string_view>

#include "base/result.hpp"
#include "push/endpoint.hpp"
#include "push/payload_encryption.hpp"
#include "push/target_rules.hpp"

namespace pipit::push {

/// What a browser gives an application that may notify its user (W3C Push API, PushSubscription).
struct Subscription {
    Endpoint endpoint;
    SubscriberKeys keys;
};

/// What its toJSON() has, as it came from a client.
struct SubscriptionText {
    std::string_view endpoint;
    std::string_view p256dh;  ///< base64url without padding, as all browsers write it
    std::string_view auth;    ///< likewise
};

/// The subscription, or which argument is wrong (`endpoint`, `keys.p256dh`, `keys.auth`) and what is allowed.
/// The name of the endpoint's host has not been looked up yet: TargetRules::check_address().
base::Result<Subscription> parse_subscription(const SubscriptionText& text, const TargetRules& rules);

}  // namespace pipit::push
