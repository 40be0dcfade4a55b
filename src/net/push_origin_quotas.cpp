#include "net/push_origin_quotas.hpp"

namespace pipit::net {

void PushOriginQuotas::note(const std::string& origin, const PushOutcome& outcome) {
    if (outcome.error == PushError::none && !outcome.multiplexed) {
        known_.erase(origin);
        return;
    }
    if (known_.size() >= kOriginsMax && !known_.contains(origin)) known_.clear();
    known_[origin] = outcome.error == PushError::none ? settings_.multiplexing : kSilent;
}

}  // namespace pipit::net
