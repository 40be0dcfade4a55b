#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/time.hpp"

namespace pipit::store {

/// Milliseconds since 1970-01-01 UTC: what is stored must mean the same after a restart.
using UnixMs = std::int64_t;

// Texts must be UTF-8 without U+0000 (StoreFault::bad_text).

/// A browser that may be notified, and who sits in front of it.
struct SubscriptionRecord {
    std::string endpoint;
    std::string origin;  ///< of the endpoint; deliveries to one origin share a cap
    std::string user_id;
    std::string p256dh;     ///< base64url, as the browser gave it
    std::string auth;       ///< likewise
    std::string vapid_key;  ///< base64url of our public key that it was made with
};

struct NotificationRecord {
    std::string author;  ///< who sends; deliveries of one author share a cap
    std::string payload;
    std::string urgency;
    std::string topic;
    std::int64_t ttl_s = 0;  ///< what a push service is to be told of its first attempt
    UnixMs deadline_at = 0;  ///< the first moment when it is too late
};

/// One message to hand to a push service, with what is needed for it.
struct Delivery {
    std::int64_t id = 0;
    std::int64_t notification_id = 0;
    std::uint32_t attempt = 0;  ///< this one; counts from 1
    NotificationRecord notification;
    SubscriptionRecord subscription;
};

/// What came of an attempt; all but `retry` end the delivery.
enum class Outcome : std::uint8_t { delivered, gone, refused, expired, retry };

/// How far a notification has come. reached = waiting + delivered + gone + refused + expired.
struct Progress {
    std::string author;
    std::int64_t reached = 0;  ///< subscriptions it was written down for, so far
    std::int64_t waiting = 0;
    std::int64_t delivered = 0;
    std::int64_t gone = 0;  ///< no longer subscribed; the subscription has been deleted
    std::int64_t refused = 0;
    std::int64_t expired = 0;
    bool spreading = false;  ///< more subscriptions will be reached
    UnixMs finished_at = 0;  ///< 0 while something waits or is spreading
};

struct PushLimits {
    std::size_t subscriptions_per_user_max = 20;
    std::size_t users_per_notification_max = 10'000;
    std::size_t notifications_max = 10'000;            ///< unfinished ones
    std::size_t notifications_per_author_max = 1'000;  ///< likewise
    std::size_t deliveries_max = 100'000;              ///< waiting or in flight
};

/// How much may be in flight from here.
struct TakeLimits {
    std::size_t deliveries_max = 256;  ///< in one call
    std::size_t in_flight_per_origin_max = 256;
    std::map<std::string, std::size_t> in_flight_of_origin_max = {};  ///< instead, to those in it
    std::size_t in_flight_per_author_max = 256;
    std::size_t lanes_max = 1'024;   ///< pairs of author and origin looked at in one call
    base::Millis lease{5 * 60'000};  ///< longer than any attempt: after it the delivery is due again
};

}  // namespace pipit::store
