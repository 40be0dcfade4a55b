#pragma once

#include <cstddef>
#include <string_view>

namespace pipit::auth {

/// The longest pattern that glob_matches() takes.
inline constexpr std::size_t kGlobBytesMax = 255;

/// Whether `pattern` describes all of `text`. A `*` stands for any run of bytes, also an empty one; every
/// other byte,
/// `?`, `[` and `\` included, stands for itself. Takes time linear in the two lengths, whatever the pattern.
/// `pattern` must not be longer than kGlobBytesMax.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace pipit::auth
