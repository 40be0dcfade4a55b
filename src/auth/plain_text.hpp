#pragma once

#include <string_view>

namespace pipit::auth {

/// Whether `text` is UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F), and so safe to
/// show in one line of a log.
bool is_plain_text(std::string_view text);

}  // namespace pipit::auth
