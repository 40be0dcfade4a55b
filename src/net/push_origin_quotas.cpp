#include "net/push_origin_quotas.hpp"

namespace pipit::net {

void PushOriginQuotas::note(const std::string& origin, const PushOutcome& outcome) {
    if (outcome.error == PushError::none && !outcome.multiplexed) {
        known_.erase(origin);
    } else {
        known_.use(origin) = outcome.error == PushError::none ? settings_.multiplexing : kSilent;
    }
}

std::map<std::string, std::size_t> PushOriginQuotas::known() const {
    return {known_.entries().begin(), known_.entries().end()};
}

}  // namespace pipit::net
