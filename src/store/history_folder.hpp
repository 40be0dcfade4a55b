#pragma once

#include <memory>
#include <string>

#include "store/file_lock.hpp"
#include "store/history_error.hpp"
#include "store/push_records.hpp"

namespace pipit::store {

/// Where a log has its files, which one process at a time may use:
///
///     history.db  history.db-wal     the database
///     history.witness                how many commits it has had
///     history.lock                   held as long as a process uses the others
class HistoryFolder {
 public:
    /// `folder` must be there. HistoryFault::in_use when another process has it.
    static HistoryResult<std::unique_ptr<HistoryFolder>> lock(const std::string& folder);
    HistoryFolder(const HistoryFolder&) = delete;
    HistoryFolder& operator=(const HistoryFolder&) = delete;

    std::string database() const { return folder_ + "/history.db"; }
    std::string witness() const { return folder_ + "/history.witness"; }

    /// There is a file that is not empty.
    bool has_database() const;
    /// There is a part of a log that belongs to a database.
    bool has_rest() const;

    /// Renames all files but the lock to `history-damaged-TIME…`, the database first: whatever is left when
    /// that is interrupted is found by has_rest(). Nothing is ever deleted or overwritten. The new name of
    /// the database.
    HistoryResult<std::string> put_aside(UnixMs now) const;

 private:
    HistoryFolder(std::string folder, FileLock lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}

    const std::string folder_;
    const FileLock lock_;
};

/// What was made or renamed in a folder is there after a power cut, too.
HistoryStatus sync_folder(const std::string& folder);

/// Of a system call that has just failed.
HistoryError history_error_of_errno(const std::string& what);

}  // namespace pipit::store
