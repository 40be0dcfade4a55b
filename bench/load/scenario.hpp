#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pipit::bench {

/// How the next posts follow when posts have arrived everywhere.
enum class Refill {
    each,  ///< one for each that arrived: always as many on the way
    all,   ///< as many as at the beginning, once none is on the way
};

enum class Audience {
    group,  ///< everyone in a room receives what is posted to it, the poster too
    user,   ///< a room is one user, posted to by the user of the other room
};

/// What is measured: rooms, who is in them, and how many posts are on the way.
struct Scenario {
    std::string_view name;
    Audience audience;
    std::uint32_t rooms;
    std::uint32_t members_per_room;
    std::uint32_t outstanding;  ///< posts of one room on the way at once; 0: nothing is posted
    Refill refill;
};

/// More than any scenario has outstanding, and a power of two.
inline constexpr std::uint32_t kOutstandingMax = 64;

/// Every scenario that can be asked for. "idle" and "recovery" have as many rooms as their connections fill.
std::span<const Scenario> scenarios();

/// One connection's place.
struct Seat {
    std::uint32_t member;
    std::uint32_t inbox;   ///< the room whose messages it gets
    std::uint32_t outbox;  ///< the room that it posts to
    Audience audience;
};

/// The places of a scenario, room by room.
std::vector<Seat> seats_of(const Scenario& scenario);

}  // namespace pipit::bench
