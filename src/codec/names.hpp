#pragma once

#include <cstddef>
#include <string_view>

namespace pipit::codec {

/// Whether `text` is UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F), and so safe to
/// show in one line of a log.
bool is_plain_text(std::string_view text);

/// Whether `text` may be a name (PROTOCOL.md section 1): 1 to `bytes_max` bytes of plain text.
bool is_valid_name(std::string_view text, std::size_t bytes_max);

}  // namespace pipit::codec
