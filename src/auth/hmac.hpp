#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "auth/secret.hpp"

namespace pipit::auth {

/// HMAC-SHA-256 of `text`, the HS256 of RFC 7518 section 3.2. Compare results with CRYPTO_memcmp only.
std::array<std::uint8_t, 32> hmac_sha256(const Secret& secret, std::string_view text);

}  // namespace pipit::auth
