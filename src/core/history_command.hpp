#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/time.hpp"
#include "core/log_record.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

// What hubs ask of whoever keeps histories on disk: one for all of them, on a thread of its own. Each answer
// goes to the worker `home`, which is the home of the group and the only one that asks about it. What one
// group is asked for is done and answered in the order in which it was asked.

/// Answered with LogOpened. What was opened may be opened again: the hub has forgotten the group meanwhile.
struct OpenLog {
    WorkerIndex home;
    GroupName group;
    std::uint64_t number;       ///< comes back in LogOpened
    std::uint64_t records_max;  ///< of LogOpened::newest; fewer are wanted when one of the next two is met
    std::uint64_t bytes_max;    ///< of their `data`
    base::Millis age_max;
    base::Millis key_window;  ///< older keys are not wanted
    std::size_t keys_max;     ///< nor are more, of which the newest are
};

/// Gives the record the next offset and keeps it. Answered with LogAppended once it is on disk, or is not
/// going to be: then no offset is used up. Never asked of a log that is not open.
struct AppendToLog {
    WorkerIndex home;
    GroupName group;
    LogRecord record;
};

/// Answered with LogRead: the records from `after` on, rising and without a hole, up to `bytes_max` bytes of
/// `data` but at least one. Asked for while there is something after `after`. What of it is not kept any more
/// is left out: the first record then has a higher offset than `after` + 1.
struct ReadLog {
    WorkerIndex home;
    GroupName group;
    std::uint64_t read;   ///< comes back in LogRead, in any case
    std::uint64_t after;  ///< an offset
    std::uint64_t bytes_max;
};

/// Answered with LogRead: the newest messages (no notices) before `before`, at most `messages_max` of them
/// and up to `bytes_max` bytes of `data` but at least one, rising.
struct ReadLogBackwards {
    WorkerIndex home;
    GroupName group;
    std::uint64_t read;    ///< likewise
    std::uint64_t before;  ///< an offset, not included
    std::uint64_t messages_max;
    std::uint64_t bytes_max;
};

/// The hub has forgotten the group: nothing more will be asked before the next OpenLog. Not answered.
struct CloseLog {
    GroupName group;
};

using HistoryCommand = std::variant<OpenLog, AppendToLog, ReadLog, ReadLogBackwards, CloseLog>;

}  // namespace pipit::core
