#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load/scenario.hpp"

namespace pipit::bench {

// The words that all servers are spoken to with; what differs between them is what they are wrapped in.

/// A UUID. Where the audience is a user, the number of the room is the number of its only member.
std::string user_id(std::uint32_t member);

/// {"group":"…"}: the argument of join.
std::string join_argument(const Seat& seat);

/// {"group":"…"} or {"user":"…"}: the `to` of a post of this seat.
std::string post_target(const Seat& seat);

/// A JSON string of 128 bytes, quotes included, that says which of its room's posts it is.
std::string payload(std::uint64_t sequence);

/// Takes the number that payload() wrote from behind the next one in `text`; nothing when there is none.
std::optional<std::uint64_t> take_sequence(std::string_view& text);

/// A whole event of pipit.v1 around payload(), for servers that pass on what they get: as long as Pipit's
/// own.
std::string whole_event(const Seat& poster, std::uint64_t sequence);

}  // namespace pipit::bench
