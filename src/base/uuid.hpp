#pragma once

#include <string_view>

namespace pipit::base {

/// Whether `text` is written as a UUID is (RFC 9562 section 4): 8-4-4-4-12 hexadecimal digits, in either
/// case. The version is not looked at.
bool is_uuid(std::string_view text);

}  // namespace pipit::base
