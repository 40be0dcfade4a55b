#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pipit::soak {

// What a server says in pipit.v1 (protocol/PROTOCOL.md), as a client reads it: written apart from the
// server's own encoder, from the page alone. Absent members are empty or nothing.

struct Reply {
    std::uint64_t id = 0;
    bool ok = false;
    bool resumed = false;
    std::string reason;  ///< not ok: the entry in codes.json
    std::string user, cid, group, epoch;
    std::optional<std::uint64_t> offset;
};

struct Event {
    enum class Kind : std::uint8_t { message, personal, notice, token, drain };
    Kind kind = Kind::message;
    std::string group, user, cid, code;
    std::optional<std::uint64_t> offset;
    std::string_view data;  ///< as it came; lives as long as the text that was read
};

struct Heartbeat {};
struct Nonsense {};

using Heard = std::variant<Nonsense, Heartbeat, Reply, Event>;

/// Reads one object of a message.
Heard hear(std::string_view object);

}  // namespace pipit::soak
