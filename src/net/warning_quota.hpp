#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace pipit::net {

/// Which warnings a log is to have, so that neither one cause nor strangers who think of ever new ones can
/// fill it: one a minute about each subject, and about at most so many subjects. Owned by one thread.
class WarningQuota {
 public:
    static constexpr base::Millis kInterval{60'000};

    explicit WarningQuota(std::size_t subjects_max) : subjects_max_(subjects_max) {}

    /// How many about this subject have gone unsaid since the last one that was said; nothing when this one
    /// is to go unsaid, too.
    std::optional<std::size_t> take(const std::string& subject, base::Instant now);

 private:
    struct Subject {
        base::Instant quiet_until{};
        std::size_t unsaid = 0;
    };

    const std::size_t subjects_max_;
    std::unordered_map<std::string, Subject> subjects_;
};

}  // namespace pipit::net
