#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pipit::codec {

// The command of pipit.v1 that an HTTP request means (PROTOCOL.md section 6), with the id 1, so that its
// arguments are understood and refused by the rules of the socket. `op` is the command's.

/// The command with the members that a query gives, in one line: those of `groups`, `users`, `history` and
/// `pushed`; any other has none.
///
/// Query values are text, so this gives them the type that the argument has: numbers for `limit` and, when
/// `searchFor` is `number_of_users`, for `value` and `range`; `true` and `false` for `ascending`; a JSON
/// object of plain values for `startKey` and `before`. What does not have that form stays a string, which the
/// decoder then refuses by name. A repeated parameter counts as it was written last; one that the command
/// does not know is left out.
///
/// `query` is percent-encoded as in a URL, `+` is a space; a malformed escape stands for itself. Each byte
/// that belongs to no character of UTF-8 is given on as U+FFFD.
std::string query_command(std::string_view op, std::string_view query);

/// The command with the members of a JSON object; an `id` and an `op` among them count for nothing. The
/// failure says why `body` is no JSON object of UTF-8 that is at most `json_depth_max` deep.
base::Result<std::string> body_command(std::string_view op, std::string_view body, unsigned json_depth_max);

}  // namespace pipit::codec
