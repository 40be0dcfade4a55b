#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "auth/secret.hpp"

namespace pipit::auth {

/// HMAC-SHA-256 of `text`, the HS256 of RFC 7518 section 3.2. Compare results with CRYPTO_memcmp only.
std::array<std::uint8_t, 32> hmac_sha256(const Secret& secret, std::string_view text);

/// A secret for one purpose only, made of another: what is known of it tells nothing of that one, nor of
/// those for other purposes. The same for the same purpose. `purpose` must have no dot: no token can make
/// anybody sign it then, for a token's signed text has one.
Secret derive_secret(const Secret& secret, std::string_view purpose);

}  // namespace pipit::auth
