#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace pipit::push {

/// The moment that an HTTP-date names (RFC 9110 section 5.6.7), in the form that is sent today,
/// `Sun, 06 Nov 1994 08:49:37 GMT`; nothing for other text, the two forms that were obsolete before there was
/// Web Push among it. The name of the day is not compared with the date.
std::optional<base::UnixSeconds> parse_http_date(std::string_view text);

}  // namespace pipit::push
