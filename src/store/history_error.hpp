#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/result.hpp"

namespace pipit::store {

/// Why a log of histories did not do what it was asked. Nothing of it has been done then, but for what
/// `sync_failed` says.
enum class HistoryFault : std::uint8_t {
    disk_full,      ///< no room; reading still works
    sync_failed,    ///< the disk did not confirm: after kill -9 what was refused may be there all the same
    failed,         ///< it cannot be read or written for another reason, which may pass
    in_use,         ///< another process has it
    newer_format,   ///< a later version has used it
    group_damaged,  ///< what is kept of one group is not what was written: its history begins anew
    damaged,        ///< the same of the whole log, which has been put aside: all histories begin anew
};

struct HistoryError {
    HistoryFault fault = HistoryFault::failed;
    std::string message;  ///< one sentence for a person; has nothing of messages in it
};

template <class T>
using HistoryResult = base::Result<T, HistoryError>;
using HistoryStatus = HistoryResult<std::monostate>;

}  // namespace pipit::store
