#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace pipit::push {

using HkdfKey = std::array<std::uint8_t, 32>;

/// HKDF-Extract of RFC 5869 section 2.2 with SHA-256. Neither argument may be empty.
HkdfKey hkdf_extract(base::ByteSpan salt, base::ByteSpan input);

/// The first 32 bytes of HKDF-Expand (RFC 5869 section 2.3) with SHA-256; who needs fewer takes the first of
/// them.
HkdfKey hkdf_expand(const HkdfKey& key, std::string_view info);

}  // namespace pipit::push
