#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "net/lru_map.hpp"
#include "net/push_outcome.hpp"

namespace pipit::net {

/// How much may be in flight to each push service, by how it answered last, so that one that says nothing
/// does not hold what there is for the others until its time-outs. Owned by one thread.
class PushOriginQuotas {
 public:
    struct Settings {
        std::size_t unknown = 16;        ///< nothing is known yet, or it speaks HTTP/1.1
        std::size_t multiplexing = 200;  ///< it answered over HTTP/2
    };
    /// It did not answer: enough to notice when it does again.
    static constexpr std::size_t kSilent = 2;
    /// Origins are named by strangers; beyond this the one is forgotten that was heard of least recently.
    static constexpr std::size_t kOriginsMax = 256;

    explicit PushOriginQuotas(const Settings& settings) : settings_(settings) {}

    void note(const std::string& origin, const PushOutcome& outcome);

    /// Of all others.
    std::size_t unknown() const { return settings_.unknown; }
    std::map<std::string, std::size_t> known() const;

 private:
    const Settings settings_;
    LruMap<std::size_t> known_{kOriginsMax};
};

}  // namespace pipit::net
