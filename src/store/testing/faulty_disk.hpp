#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <sqlite3.h>
#include <string>
#include <utility>
#include <vector>

namespace pipit::store {

/// A disk for SQLite that fails when it is told to, and of whose power one can turn off. It is the real file
/// system, seen through a VFS of SQLite's that counts what is asked of it.
///
/// It knows what would be left after a power cut: what a sync has confirmed, and nothing else. What was
/// written before a sync that failed is taken for lost, even if the next one says yes: so kernels do it.
class FaultyDisk {
 public:
    enum class Fault : std::uint8_t {
        write_fails,   ///< nothing is written
        write_is_cut,  ///< half of it is
        disk_is_full,  ///< likewise
        sync_fails,
        power_fails,  ///< from then on everything fails
    };

    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// For HistoryLog::Settings.
    const std::string& vfs() const { return name_; }

    /// The operation after `after` others fails, and (unless it is the power) the ones after it do not.
    void fail_after(std::uint64_t after, Fault fault);
    /// It has happened.
    bool has_failed() const { return has_failed_; }
    /// As kill -9 does: the files stay as they are.
    void stop() { is_off_ = true; }
    /// After stop() or a power cut, once nobody uses the files: leaves what the disk has confirmed.
    void forget_unsynced() const;

 private:
    friend struct FaultyFile;
    using Range = std::pair<sqlite3_int64, sqlite3_int64>;  // offset, size

    struct OnDisk {
        std::vector<char> bytes;      // what a power cut leaves
        std::vector<Range> unsynced;  // of the file as it is
    };

    /// Whether the operation at hand is the one.
    bool fails_now(bool is_sync);
    int open(const char* name, sqlite3_file* file, int flags, int* out_flags);
    int write(sqlite3_file* real, OnDisk& on_disk, const void* bytes, int size, sqlite3_int64 offset);
    int truncate(sqlite3_file* real, OnDisk& on_disk, sqlite3_int64 size);
    int sync(sqlite3_file* real, OnDisk& on_disk);

    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    const std::string name_;
    sqlite3_vfs* const real_;
    sqlite3_vfs vfs_{};
    std::map<std::string, OnDisk> files_;
    std::uint64_t left_ = kNever;  // operations before the one that fails
    Fault fault_ = Fault::write_fails;
    bool has_failed_ = false;
    bool is_off_ = false;
};

}  // namespace pipit::store
