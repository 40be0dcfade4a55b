#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/push_records.hpp"

namespace pipit::store {

/// The kind of a record that a person sees; all others are notices. What the numbers beside it mean is up to
/// whoever writes them.
inline constexpr std::uint8_t kHistoryMessage = 0;

/// What is to be written of something that was sent to a group. The texts may be any bytes.
struct HistoryDraft {
    std::uint8_t kind = kHistoryMessage;
    std::string_view user = {};
    std::string_view cid = {};
    std::string_view data = {};
    std::string_view key = {};  ///< by which its user may send it again; empty: none
};

/// The same as it was written.
struct HistoryRecord {
    std::uint64_t offset = 0;
    UnixMs at = 0;
    std::uint8_t kind = kHistoryMessage;
    std::string user;
    std::string cid;
    std::string data;
    std::string key;
};

struct HistoryKey {
    std::string user;
    std::string key;
    std::uint64_t offset = 0;
    UnixMs at = 0;
};

/// What a log keeps. The oldest goes first; a piece more than allowed may be there for a while, because
/// deleting is done in pieces.
struct HistoryLimits {
    std::uint64_t records_max = 10'000;    ///< of a group
    base::Millis age_max{7 * 86'400'000};  ///< of a record; and for how long a group without any is known
    std::uint64_t bytes_max = 1ULL << 30;  ///< of all groups together, about what they take on disk
};

/// What is wanted of the newest records of a group: as many as fulfil all of it.
struct NewestWanted {
    std::uint64_t records_max = 0;
    std::uint64_t bytes_max = 0;  ///< of their data
    UnixMs not_before = 0;
    UnixMs keys_not_before = 0;
    std::size_t keys_max = 0;
};

struct NewestOfHistory {
    std::vector<HistoryRecord> records;  ///< rising, without a hole, up to the last
    std::vector<HistoryKey> keys;        ///< rising
};

/// A group as it stands. Offsets are those of what is committed, or of the transaction that is on its way.
struct HistoryPlace {
    std::string epoch;
    std::uint64_t first = 1;  ///< the oldest record that is kept has this offset
    std::uint64_t last = 0;   ///< the newest record ever kept has this one; first - 1 when nothing is kept
};

}  // namespace pipit::store
