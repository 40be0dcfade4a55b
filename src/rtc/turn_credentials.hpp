#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.hpp"
#include "base/time.hpp"

namespace pipit::rtc {

/// What a TURN server shares with us (coturn's static-auth-secret), byte by byte as both have it. Wiped when
/// destroyed.
using TurnSecret = std::vector<std::uint8_t, auth::WipingAllocator<std::uint8_t>>;

/// A user name and its password, good until the moment that the name begins with.
struct TurnCredentials {
    std::string username;  ///< EXPIRY:USER, the expiry in seconds since 1970; ASCII
    std::string password;  ///< base64 with padding (RFC 4648 section 4) of HMAC-SHA-1 of `username`
};

/// USERNAME holds fewer than 509 bytes (RFC 8489 section 14.3).
inline constexpr std::size_t kTurnUsernameBytesMax = 508;

/// Credentials as the draft "A REST API For Access To TURN Services" makes them, which TURN servers check
/// without asking us. In the name, bytes of `user` that are not printable ASCII, spaces, quotes, backslashes
/// and percent signs are written as %XX; one that does not fit is cut, for the server only tells users apart
/// by it. `secret` must not be empty.
TurnCredentials make_turn_credentials(const TurnSecret& secret, std::string_view user, base::UnixSeconds now,
                                      std::chrono::seconds ttl);

}  // namespace pipit::rtc
