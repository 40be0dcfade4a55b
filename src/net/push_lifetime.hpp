#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.hpp"
#include "store/push_records.hpp"

namespace pipit::net {

/// For how long a notification is tried that lives for a shorter time, or only now: it has to come through
/// our own queue first.
inline constexpr base::Millis kTriedForMin{30'000};

inline base::Millis tried_for(std::int64_t ttl_s) {
    return std::max(base::Millis(ttl_s * 1'000), kTriedForMin);
}

/// NotificationRecord::deadline_at of one that is made `now`.
inline store::UnixMs deadline_of(std::int64_t ttl_s, store::UnixMs now) {
    return now + tried_for(ttl_s).count();
}

/// What is left of the life that its author gave it.
inline base::Millis ttl_left(const store::NotificationRecord& notification, store::UnixMs now) {
    const store::UnixMs made_at = notification.deadline_at - tried_for(notification.ttl_s).count();
    const base::Millis age(std::max<store::UnixMs>(now - made_at, 0));
    return std::max(base::Millis(notification.ttl_s * 1'000) - age, base::Millis(0));
}

/// The same in whole seconds, as push services are told. A second that has begun counts: the few milliseconds
/// before a first attempt take nothing away.
inline std::int64_t ttl_seconds_left(const store::NotificationRecord& notification, store::UnixMs now) {
    return std::chrono::ceil<std::chrono::seconds>(ttl_left(notification, now)).count();
}

}  // namespace pipit::net
