#include "net/warning_quota.hpp"

#include <utility>

namespace pipit::net {

std::optional<std::size_t> WarningQuota::take(const std::string& subject, base::Instant now) {
    if (subjects_.size() >= subjects_max_ && !subjects_.contains(subject)) {
        std::erase_if(subjects_, [&](const auto& known) { return known.second.quiet_until <= now; });
        if (subjects_.size() >= subjects_max_) return std::nullopt;
    }
    Subject& known = subjects_[subject];
    if (now < known.quiet_until) {
        ++known.unsaid;
        return std::nullopt;
    }
    known.quiet_until = now + kInterval;
    return std::exchange(known.unsaid, 0);
}

}  // namespace pipit::net
