#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipit::codec {

/// The `groups`, `users` or `history` command of pipit.v1 (PROTOCOL.md section 6) that an HTTP request means,
/// with the id 1 and in one line, so that its arguments are understood and refused by the same rules. Nothing
/// when the path is none of `/v1/groups`, `/v1/users` and `/v1/history`.
///
/// Query values are text, so this gives them the type that the argument has: numbers for `limit` and, when
/// `searchFor` is `number_of_users`, for `value` and `range`; `true` and `false` for `ascending`; a JSON
/// object of plain values for `startKey` and `before`. What does not have that form stays a string, which the
/// decoder then refuses by name. A repeated parameter counts as it was written last; one that the command
/// does not know is left out.
///
/// `query` is percent-encoded as in a URL, `+` is a space; a malformed escape stands for itself. Each byte
/// that belongs to no character of UTF-8 is given on as U+FFFD.
std::optional<std::string> listing_command(std::string_view path, std::string_view query);

}  // namespace pipit::codec
