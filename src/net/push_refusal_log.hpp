#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/push_outcome.hpp"
#include "net/warning_quota.hpp"

namespace pipit::net {

/// Warns of what keeps notifications from being taken, of each origin once in a minute: messages that were
/// refused for good, for one wrong key makes thousands of them, and push services that cannot be reached.
/// Names the origin and the reason only. Owned by one thread.
class PushRefusalLog {
 public:
    /// Origins are named by strangers; of further ones nothing is said for that minute.
    static constexpr std::size_t kOriginsMax = 256;

    void note(const std::string& origin, std::string_view reason, base::Instant now);
    /// `error` is why there is no answer, and will be tried again.
    void note_unreachable(const std::string& origin, PushError error, base::Instant now);

 private:
    WarningQuota refusals_{kOriginsMax};
    WarningQuota unreachable_{kOriginsMax};
};

}  // namespace pipit::net
