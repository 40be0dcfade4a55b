#include "net/push_refusal_log.hpp"

#include <spdlog/spdlog.h>

namespace pipit::net {

void PushRefusalLog::note(const std::string& origin, std::string_view reason, base::Instant now) {
    const auto unsaid = refusals_.take(origin, now);
    if (!unsaid) return;
    spdlog::warn("push: a notification to {} was refused: {}", origin, reason);
    if (*unsaid > 0) spdlog::warn("push: and {} more to {} since the last such line", *unsaid, origin);
}

void PushRefusalLog::note_unreachable(const std::string& origin, PushError error, base::Instant now) {
    if (const auto unsaid = unreachable_.take(origin, now)) {
        spdlog::warn(
            "push: {} {}; its notifications wait and are tried again ({} more attempts failed before)",
            origin, push_error_predicate(error), *unsaid);
    }
}

}  // namespace pipit::net
