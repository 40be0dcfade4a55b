#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace pipit::base {

/// Base64url without padding (RFC 4648 section 5, as RFC 7515 section 2 uses it).
std::string base64url_encode(ByteSpan bytes);

/// The bytes that `text` stands for, or nothing: for characters outside the alphabet, padding, an impossible
/// length, or unused bits that are not zero, so that one value has one spelling.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace pipit::base
