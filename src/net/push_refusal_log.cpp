#include "net/push_refusal_log.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace pipit::net {

void PushRefusalLog::note(const std::string& origin_name, std::string_view reason, base::Instant now) {
    if (origins_.size() >= kOriginsMax && !origins_.contains(origin_name)) origins_.clear();
    Origin& origin = origins_[origin_name];
    if (now < origin.quiet_until) {
        ++origin.unsaid;
        return;
    }
    spdlog::warn("push: a notification to {} was refused: {}", origin_name, reason);
    if (const std::size_t unsaid = std::exchange(origin.unsaid, 0)) {
        spdlog::warn("push: and {} more to {} since the last such line", unsaid, origin_name);
    }
    origin.quiet_until = now + kInterval;
}

}  // namespace pipit::net
