#include "push/retry_policy.hpp"

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"
#include "push/http_date.hpp"

namespace pipit::push {
namespace {

using Kind = AttemptVerdict::Kind;

// More than any message's life, and far from overflow.
constexpr base::UnixSeconds kRetryAfterMax_s = 366 * 24 * 3'600;

base::Millis parse_retry_after(std::string_view text, base::UnixSeconds now) {
    base::UnixSeconds wait_s = 0;
    if (const auto date = parse_http_date(text, now)) {
        wait_s = *date - now;
    } else if (text.find_first_not_of("0123456789") == std::string_view::npos) {
        const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), wait_s);
        if (error == std::errc::result_out_of_range) wait_s = kRetryAfterMax_s;
    }
    return std::chrono::seconds(std::clamp<base::UnixSeconds>(wait_s, 0, kRetryAfterMax_s));
}

base::Millis backoff(unsigned attempt, const RetryPolicy& policy, base::Random& random) {
    base::Millis bound = std::min(policy.backoff_first, policy.backoff_max);
    for (unsigned made = 1; made < attempt && bound < policy.backoff_max; ++made)
        bound = std::min(bound * 2, policy.backoff_max);
    const base::Millis half = bound / 2;
    return half + base::Millis(random.below(static_cast<std::uint64_t>((bound - half).count()) + 1));
}

Kind kind_of(int status) {
    if (status >= 200 && status < 300) return Kind::delivered;
    if (status == 404 || status == 410) return Kind::subscription_gone;
    if (status == 0 || status == 429 || status >= 500) return Kind::retry;
    return Kind::refused;
}

}  // namespace

AttemptVerdict judge_attempt(const AttemptAnswer& answer, unsigned attempt, base::Millis ttl_left,
                             base::UnixSeconds now, const RetryPolicy& policy, base::Random& random) {
    PIPIT_ASSERT(attempt >= 1);
    const Kind kind = kind_of(answer.status);
    if (kind != Kind::retry) return {.kind = kind};
    const base::Millis wait = parse_retry_after(answer.retry_after, now) + backoff(attempt, policy, random);
    if (wait >= ttl_left) return {.kind = Kind::expired};
    return {.kind = Kind::retry, .retry_in = wait};
}

}  // namespace pipit::push
