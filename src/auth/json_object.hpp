#pragma once

#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

namespace pipit::auth {

/// The JSON object that is all of `text` (RFC 8259), or nothing: for anything else, invalid UTF-8, and
/// nesting of more than 32 levels. Of members with the same name the last one counts.
std::optional<boost::json::object> parse_json_object(std::string_view text);

}  // namespace pipit::auth
