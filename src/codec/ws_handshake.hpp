#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pipit::codec {

// The pieces of the opening handshake (RFC 6455 section 4.2) that are neither HTTP nor I/O. They take header
// values; several fields of one name must have been joined by commas (RFC 9110 section 5.3).

/// A Sec-WebSocket-Key that stands for 16 bytes in base64. The unused bits may be anything: the key is only
/// ever hashed.
bool is_valid_key(std::string_view sec_websocket_key);

/// The Sec-WebSocket-Accept that answers a key.
std::string accept_key(std::string_view sec_websocket_key);

/// One element of the comma-separated list `value` is `token`, in any case. For Connection and Upgrade.
bool header_has_token(std::string_view value, std::string_view token);

/// The first entry of Sec-WebSocket-Protocol, in the client's order, that is in `supported`. Names are
/// compared exactly. The result is the view from `supported`.
std::optional<std::string_view> choose_subprotocol(std::string_view offered,
                                                   std::span<const std::string_view> supported);

/// What follows `prefix` in the first entry of Sec-WebSocket-Protocol that begins with it and goes on:
/// browsers cannot set headers, so a token may come as `pipit.token.<jwt>`. A view into `offered`.
std::optional<std::string_view> subprotocol_suffix(std::string_view offered, std::string_view prefix);

}  // namespace pipit::codec
