#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "codec/json_members.hpp"
#include "codec/pipit_v1.hpp"

namespace pipit::codec::v1 {

// What the files of the decoder share; nobody else includes this.

/// "an object", "a string", and so on.
std::string_view name_of(JsonKind kind);

/// The first thing that is wrong with a command.
using Refusal = std::optional<Refused>;

/// Refuses a wrong argument. What was refused before stays as it is.
template <class... Values>
void refuse(Refusal& refusal, fmt::format_string<Values...> text, Values&&... values) {
    if (refusal) return;
    refusal = Refused{ErrorReason::invalid_parameter, fmt::format(text, std::forward<Values>(values)...)};
}

/// The members of an object with these names, in the order of the names. `object` has been validated.
template <std::size_t N>
std::array<Argument, N> find_members(std::string_view object, const DecodeLimits& limits,
                                     const std::string_view (&names)[N]) {
    return codec::find_members(object, limits.json_depth_max, names);
}

/// A text argument that must be there. Refused when it is missing, of another kind, or not 1 to `bytes_max`
/// bytes of UTF-8 without control characters.
std::string take_name(std::string_view argument, const Argument& member, std::size_t bytes_max,
                      Refusal& refusal);

/// A position in a stream that must be one if it is there.
std::optional<Position> take_position(std::string_view argument, const Argument& member,
                                      const DecodeLimits& limits, Refusal& refusal);

/// The member `to` of a command.
Recipient take_recipient(const Argument& to, const DecodeLimits& limits, Refusal& refusal);

// The commands of PROTOCOL.md 2.5 to 2.7, and `history`, from the text of the whole command, which has been
// validated. `limit_max` is the largest `limit`, in rows.

ListGroups take_groups(std::string_view command, const DecodeLimits& limits, std::uint32_t limit_max,
                       Refusal& refusal);
ListUsers take_users(std::string_view command, const DecodeLimits& limits, std::uint32_t limit_max,
                     Refusal& refusal);
ReadHistory take_history(std::string_view command, const DecodeLimits& limits, Refusal& refusal);
Watch take_watch(std::string_view command, const DecodeLimits& limits, Refusal& refusal);
Unwatch take_unwatch(std::string_view command, const DecodeLimits& limits, Refusal& refusal);

// The commands of PROTOCOL.md 2.9 and 2.10; `to` and `data` have been found before.

Call take_call(const Argument& to, const Argument& data, const DecodeLimits& limits, Refusal& refusal);
Accept take_accept(std::string_view command, const Argument& data, const DecodeLimits& limits,
                   Refusal& refusal);
Signal take_signal(std::string_view command, const Argument& data, const DecodeLimits& limits,
                   Refusal& refusal);
Hangup take_hangup(std::string_view command, const DecodeLimits& limits, Refusal& refusal);
Reattach take_reattach(std::string_view command, const DecodeLimits& limits, Refusal& refusal);

// The commands of PROTOCOL.md 2.13.

/// The member `notification` of a post; nothing when it is missing or null.
std::optional<Notification> take_notification(const Argument& notification, Refusal& refusal);
Subscribe take_subscribe(std::string_view command, const DecodeLimits& limits, Refusal& refusal);
Unsubscribe take_unsubscribe(std::string_view command, const DecodeLimits& limits, Refusal& refusal);
Resubscribe take_resubscribe(std::string_view command, const DecodeLimits& limits, Refusal& refusal);
Push take_push(std::string_view command, const Argument& notification, const DecodeLimits& limits,
               Refusal& refusal);
Pushed take_pushed(std::string_view command, const DecodeLimits& limits, Refusal& refusal);

}  // namespace pipit::codec::v1
