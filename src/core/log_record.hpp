#pragma once

#include <cstdint>
#include <string>

#include "core/ids.hpp"

namespace pipit::core {

/// Something that was sent to a durable group, as its log keeps it: enough to make the event again.
struct LogRecord {
    /// The numbers stand on disk.
    enum class Kind : std::uint8_t { message = 0, user_joined = 1, user_left = 2, user_disconnected = 3 };
    Kind kind = Kind::message;
    UserId user = {};  ///< who sent it, or whom the notice is about; likewise `cid`
    Cid cid = {};
    std::string data = {};  ///< of a message, JSON; otherwise empty
    std::string key = {};   ///< by which the sender may send it again, at most 64 bytes; empty: none
};

/// The same with the place that the log has given it.
struct LoggedRecord {
    std::uint64_t offset = 0;
    std::uint64_t age_ms = 0;  ///< since it was written, by the log's own clock; never negative
    LogRecord record;
};

/// A post that may be sent again: (user, key) names it within its group.
struct LoggedKey {
    UserId user;
    std::string key;
    std::uint64_t offset = 0;
    std::uint64_t age_ms = 0;
};

/// Why a log has not done what it was asked.
enum class LogTrouble : std::uint8_t {
    none,
    full,         ///< no room on disk; what was asked has not been done, and may succeed later
    unavailable,  ///< it cannot be written or read for another reason; likewise
    damaged,      ///< what should be there is not, or is not what was written
};

}  // namespace pipit::core
