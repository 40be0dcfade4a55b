#include "net/source_rates.hpp"

#include <cstring>

#include "net/source_address.hpp"

namespace pipit::net {
namespace {

/// The 64 bits that tell sources apart: an IPv4 address, or the network of an IPv6 one.
std::uint64_t bits_of(const asio::ip::address& counted) {
    if (counted.is_v4()) return counted.to_v4().to_uint();
    const auto bytes = counted.to_v6().to_bytes();
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), sizeof bits);
    return bits;
}

/// Every bit of the result depends on every bit of the input (the finalizer of MurmurHash3).
std::uint64_t mix(std::uint64_t bits) {
    bits = (bits ^ bits >> 33) * 0xff51'afd7'ed55'8ccd;
    bits = (bits ^ bits >> 33) * 0xc4ce'b9fe'1a85'ec53;
    return bits ^ bits >> 33;
}

}  // namespace

SourceRates::SourceRates(const core::RateLimiter::Settings& settings, base::Random& random, base::Instant now)
    : settings_(settings), buckets_(kBuckets, core::RateLimiter(settings, now)) {
    random.fill({reinterpret_cast<std::uint8_t*>(&key_), sizeof key_});
}

bool SourceRates::take(const asio::ip::address& source, base::Instant now) {
    // Mixed twice around the key: XOR alone would let two sources that meet do so under every key.
    const std::uint64_t hash = mix(mix(bits_of(counted_address(source)) + key_) ^ key_);
    return buckets_[hash % kBuckets].take(settings_, now);
}

}  // namespace pipit::net
