#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace pipit::push {

/// The moment that an HTTP-date names, in any of the three forms of RFC 9110 section 5.6.7; nothing for other
/// text. The name of the day is not compared with the date. A year of two digits is the one that is at most
/// 50 years after `now`.
std::optional<base::UnixSeconds> parse_http_date(std::string_view text, base::UnixSeconds now);

}  // namespace pipit::push
