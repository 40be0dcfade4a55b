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
    spdlog::warn("push: a notification to {} was refused: {} ({} more since the last such line)", origin_name,
                 reason, std::exchange(origin.unsaid, 0));
    origin.quiet_until = now + kInterval;
}

}  // namespace pipit::net
