#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace pipit::rtc {

/// Where a datagram came from.
struct StunSource {
    base::ByteSpan address;  ///< 4 bytes of IPv4 or 16 of IPv6
    std::uint16_t port = 0;
};

/// The longest answer: an IPv6 address and a fingerprint.
inline constexpr std::size_t kStunAnswerBytesMax = 52;

struct StunAnswer {
    std::array<std::uint8_t, kStunAnswerBytesMax> storage;
    std::size_t size = 0;

    base::ByteSpan bytes() const { return {storage.data(), size}; }
};

/// What a STUN server that only tells clients their address (RFC 8489 section 12, no authentication) has to
/// say to `datagram`. Allocates nothing.
///
/// - A Binding request: its source as XOR-MAPPED-ADDRESS, with a FINGERPRINT when the request had one.
/// - One with attributes that must be understood and are not those of RFC 8489 or RFC 8445: error 420 with
///   the first few of them (section 6.3.1).
/// - A Binding request of RFC 3489, so without the magic cookie, which has no attribute but a CHANGE-REQUEST
///   that asks for no change: its source as MAPPED-ADDRESS (section 11). A single socket has no other address
///   to answer from, as such a change would need.
/// - Everything else, above all answers and indications: nothing.
///
/// Sending requests in the name of a victim gains next to nothing. With the headers of IP and UDP an answer
/// has at most 60 bytes for 48 over IPv4 (1.25 times as many) and 92 for 68 over IPv6 (1.36 times as many).
std::optional<StunAnswer> stun_answer(base::ByteSpan datagram, const StunSource& source);

}  // namespace pipit::rtc
