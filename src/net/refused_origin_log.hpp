#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "net/warning_quota.hpp"

namespace pipit::net {

/// An Origin as a log may have it, for whoever connects writes what he likes there: 100 bytes at most, and no
/// others than printable ASCII.
std::string shown_origin(std::string_view origin);

/// Warns of web pages that were not let in, with the setting that would. May be used by several threads.
class RefusedOriginLog {
 public:
    static constexpr std::size_t kOriginsMax = 32;

    void note(std::string_view origin, base::Instant now);

 private:
    std::mutex mutex_;  // of the quota
    WarningQuota quota_{kOriginsMax};
};

}  // namespace pipit::net
