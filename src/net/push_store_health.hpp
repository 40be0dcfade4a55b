#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
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

    /// What has worked. Each also shows what those before it show.
    enum class Success : std::uint8_t {
        read,     ///< perhaps nothing was written
        changed,  ///< rows, to what needs no more room; a full disk takes that
        added,    ///< a row
    };

    void note_success(Success success);
    /// What our own limits refuse does not count.
    void note_failure(const store::StoreError& error);

    /// Whether it was said to fail, and not yet to work again.
    bool fails() const { return fails_until_.has_value(); }
    /// Doubles with each.
    base::Millis next_retry() { return std::exchange(retry_in_, std::min(retry_in_ * 2, kRetryMax)); }

 private:
    std::optional<Success> fails_until_;  // the success that shows that what failed works again
    base::Millis retry_in_ = kRetryFirst;
};

}  // namespace pipit::net
