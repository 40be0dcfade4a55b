#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "net/curl.hpp"
#include "net/lru_map.hpp"

namespace pipit::net {

/// The connections to push services. Each origin has a pool of its own, and another one after so many
/// messages: libcurl 7.88 sends RST_STREAM behind nearly every HTTP/2 stream although it has ended, and a
/// service that counts resets, for a flood of them is an attack (CVE-2023-44487), cuts the connection in the
/// end. What is on it then would be sent twice. Owned by one thread.
class PushConnections {
 public:
    /// Whoever is the last to have it closes its connections.
    using Pool = std::shared_ptr<CURLSH>;

    /// nghttp2, on which many services are built, takes 1,000 resets in a burst.
    static constexpr std::size_t kMessagesPerPool = 300;
    /// Origins are named by strangers; beyond this the pool that was used least recently is given up.
    static constexpr std::size_t kOriginsMax = 64;

    /// For one message to this origin.
    Pool pool_for(const std::string& origin);

 private:
    struct Used {
        Pool pool;
        std::size_t messages = 0;
    };
    LruMap<Used> pools_{kOriginsMax};
};

}  // namespace pipit::net
