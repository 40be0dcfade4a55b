#pragma once

#include <string>
#include <string_view>

namespace pipit::codec {

/// A value of a URL's query with its percent escapes undone and `+` as a space. A malformed escape stands for
/// itself (URL standard, "percent-decode").
std::string percent_decode(std::string_view text);

}  // namespace pipit::codec
