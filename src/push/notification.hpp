#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pipit::push {

/// Of `title` and `body` together, as UTF-8.
inline constexpr std::size_t kTitleAndBodyBytesMax = 3'072;

/// What a service worker will get: the JSON object `notification`, which must have a string `title` and a
/// string `body`, with everything that its author has put beside them, as it came. Only `config`, which tells
/// us and not the receiver something, is left out. The failure names what is wrong and what is allowed; a
/// payload is never larger than kPayloadBytesMax. Values may be nested kNotificationNestingMax deep.
base::Result<std::string> notification_payload(std::string_view notification);

inline constexpr unsigned kNotificationNestingMax = 32;

}  // namespace pipit::push
