#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipit::codec {

/// The `groups` or `users` command of pipit.v1 (PROTOCOL.md, "Questions over HTTP") that an HTTP request means, with the id 1, so that
/// its arguments are understood and refused by the same rules. Nothing when the path is neither `/v1/groups` nor `/v1/users`.
///
/// Query values are text, so this gives them the type that the argument has: numbers for `limit` and, when `searchFor` is
/// `number_of_users`, for `value` and `range`; `true` and `false` for `ascending`; JSON for `startKey`. What does not have that form
/// stays a string, which the decoder then refuses by name. A repeated parameter counts as it was written last.
///
/// `query` is percent-encoded as in a URL, `+` is a space; a malformed escape stands for itself. Text that is no UTF-8 is
/// given on as U+FFFD.
std::optional<std::string> listing_command(std::string_view path, std::string_view query);

}  // namespace pipit::codec
