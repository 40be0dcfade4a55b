#include "net/hub_answer.hpp"

#include "codec/pipit_v1.hpp"

namespace pipit::net {
namespace {

HubAnswer refused(codec::ErrorReason reason, std::string_view message, std::uint64_t retry_after_ms) {
    HubAnswer answer{.error = reason, .retry_after_ms = retry_after_ms};
    codec::v1::append_error_content(answer.json, reason, message, retry_after_ms);
    return answer;
}

}  // namespace

HubAnswer HubAnswer::timed_out() {
    return refused(codec::ErrorReason::unavailable, "The answer took too long. Try again later.", 1'000);
}

HubAnswer HubAnswer::while_stopping() {
    HubAnswer answer = refused(codec::ErrorReason::unavailable, "The server is stopping.", 5'000);
    answer.is_last = true;
    return answer;
}

HubAnswer HubAnswer::too_soon() {
    return refused(codec::ErrorReason::rate_limited, {}, 1'000);
}

}  // namespace pipit::net
