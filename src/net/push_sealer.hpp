#pragma once

#include <optional>
#include <utility>

#include "base/result.hpp"
#include "net/os.hpp"
#include "net/push_outcome.hpp"
#include "push/target_rules.hpp"
#include "push/vapid_keys.hpp"
#include "push/vapid_token.hpp"
#include "store/push_records.hpp"

namespace pipit::net {

/// Makes a message for a push service out of what the store has: encrypted for its browser, signed with the
/// key that this knows. Owned by one thread.
class PushSealer {
 public:
    PushSealer(push::VapidKeys keys, std::optional<push::VapidSubject> subject, push::TargetRules targets)
        : keys_(std::move(keys)), tokens_(std::move(subject)), targets_(std::move(targets)) {}

    const push::VapidKeys& keys() const { return keys_; }
    void set_keys(push::VapidKeys keys) { keys_ = std::move(keys); }
    const push::TargetRules& targets() const { return targets_; }

    /// The job has the delivery's id and, as its user, the author. The failure, which quotes nothing of the
    /// subscription, is for good.
    base::Result<PushJob> seal(const store::Delivery& delivery, store::UnixMs now);

 private:
    push::VapidKeys keys_;
    push::VapidTokens tokens_;
    const push::TargetRules targets_;
    OsRandom random_;
};

}  // namespace pipit::net
