#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pipit::base {

using ByteSpan = std::span<const std::uint8_t>;

/// The same memory seen as bytes or as text. No copy; the view lives as long as what it was made from.
inline ByteSpan as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace pipit::base
