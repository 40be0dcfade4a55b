// Whatever a push service answers: two bytes of status, one of the attempt, and a Retry-After. The message is
// never tried again after its life, nor sooner than the back-off.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "push/retry_policy.hpp"
#include "push/testing/scripted_random.hpp"

using namespace pipit::push;
using namespace std::chrono_literals;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const AttemptAnswer answer{.status = (data[0] << 8 | data[1]) % 1'000,
                               .retry_after = pipit::base::as_text({data + 3, size - 3})};
    const unsigned attempt = 1u + data[2];
    ScriptedRandom random;
    const auto verdict = judge_attempt(answer, attempt, 24h, 1'764'000'000, RetryPolicy{}, random);
    const bool is_retry = verdict.kind == AttemptVerdict::Kind::retry;
    PIPIT_ASSERT(is_retry ? verdict.retry_in >= 1s && verdict.retry_in < 24h : verdict.retry_in == 0s);
    return 0;
}
