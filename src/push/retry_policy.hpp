#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.hpp"
#include "base/time.hpp"

namespace pipit::push {

/// What came of one attempt to hand a message to a push service.
struct AttemptAnswer {
    /// Of HTTP, or 0 when there was no whole answer: no connection, a failed TLS handshake, a time-out.
    int status = 0;
    /// The header's value; "" without one.
    std::string_view retry_after = {};
};

struct AttemptVerdict {
    enum class Kind : std::uint8_t {
        delivered,          ///< the service has it (2xx)
        subscription_gone,  ///< the user has unsubscribed: delete the subscription (404, 410)
        refused,            ///< the same message would be refused again (413, other 4xx, 3xx)
        retry,              ///< try again after `retry_in` (429, 5xx, no answer)
        expired,            ///< would have been tried again, but not within the message's life
    };
    Kind kind = Kind::refused;
    base::Millis retry_in{0};  ///< retry only; from the end of the attempt on
};

/// How long to wait between attempts.
struct RetryPolicy {
    /// The wait after the first attempt is half to all of this, and the bounds double with every attempt.
    base::Millis backoff_first{2'000};
    base::Millis backoff_max{10 * 60'000};
};

/// `attempt` counts from 1. `ttl_left` is what is left of the message's life and `now` the time, for a
/// Retry-After that is a date (RFC 9110 section 10.2.3). The service's wish is added to the wait that there
/// would be without it, so that what it has turned away does not come back all at once; a value that is
/// neither form counts for nothing.
AttemptVerdict judge_attempt(const AttemptAnswer& answer, unsigned attempt, base::Millis ttl_left,
                             base::UnixSeconds now, const RetryPolicy& policy, base::Random& random);

}  // namespace pipit::push
