#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "core/rate_limiter.hpp"
#include "net/boost_asio.hpp"

namespace pipit::net {

/// How often each source may be served, in constant memory whoever sends: sources are spread over a fixed
/// number of buckets, by a hash that nobody outside can foresee, and those that meet in a bucket share it.
/// Owned by one thread.
class SourceRates {
 public:
    /// 256 KiB. With a thousand sources at a time, one in sixteen shares its bucket.
    static constexpr std::size_t kBuckets = 16'384;

    SourceRates(const core::RateLimiter::Settings& settings, base::Random& random, base::Instant now);

    /// Whether one more of this source is to be served; see counted_address for what is one.
    [[nodiscard]] bool take(const asio::ip::address& source, base::Instant now);

 private:
    const core::RateLimiter::Settings settings_;
    std::uint64_t key_ = 0;
    std::vector<core::RateLimiter> buckets_;
};

}  // namespace pipit::net
