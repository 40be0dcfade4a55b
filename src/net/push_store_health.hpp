#pragma once

#include <algorithm>
#include <utility>

#include "base/time.hpp"
#include "store/store_error.hpp"

namespace pipit::net {

/// What the engine knows of its database: says once in the log that it fails and once that it works again,
/// and how long to wait before it is asked again. Owned by one thread.
class PushStoreHealth {
 public:
    static constexpr base::Millis kRetryFirst{250};
    static constexpr base::Millis kRetryMax{15'000};

    void note_success();
    /// What our own limits refuse does not count.
    void note_failure(const store::StoreError& error);

    /// Doubles with each.
    base::Millis next_retry() { return std::exchange(retry_in_, std::min(retry_in_ * 2, kRetryMax)); }

 private:
    bool fails_ = false;
    base::Millis retry_in_ = kRetryFirst;
};

}  // namespace pipit::net
