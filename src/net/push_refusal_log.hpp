#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace pipit::net {

/// Warns of messages that were refused for good, of each origin once in a minute, for one wrong key makes
/// thousands of them. Names the origin and the reason only. Owned by one thread.
class PushRefusalLog {
 public:
    static constexpr base::Millis kInterval{60'000};
    /// Origins are named by strangers; beyond this all are forgotten.
    static constexpr std::size_t kOriginsMax = 256;

    void note(const std::string& origin, std::string_view reason, base::Instant now);

 private:
    struct Origin {
        base::Instant quiet_until{};
        std::size_t unsaid = 0;
    };
    std::unordered_map<std::string, Origin> origins_;
};

}  // namespace pipit::net
