#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "store/history_error.hpp"
#include "store/history_folder.hpp"
#include "store/history_records.hpp"
#include "store/history_streams.hpp"
#include "store/history_tables.hpp"
#include "store/history_witness.hpp"

namespace pipit::store {

/// Histories of groups on disk: what commit() has said yes to is there after kill -9 and after a power cut.
///
/// Every group has an epoch, and its records have offsets that rise by one from 1. What is read is what was
/// written, without a hole, or it is not read: then the fault says that the group or the whole log is
/// damaged. A damaged log is put aside, never deleted, and everything begins anew in an empty one.
///
/// One thread at a time; calls block. `now` is the clock of the wall. After every fault it can be asked
/// again: whatever stands on the disk is then looked at anew, and nothing is taken from memory that a sync
/// has not confirmed.
class HistoryLog {
 public:
    struct Settings {
        std::string folder;  ///< that is there
        HistoryLimits limits = {};
        std::string vfs = {};  ///< of SQLite's; empty: its own
        /// What was committed is moved into the database when the WAL has that many pages (of 4 KiB): so many
        /// that those which are written again and again are moved once. Without room there, the WAL takes
        /// what comes up to 16 times as much.
        std::size_t wal_pages = 1'000;
    };

    /// Fails when another process has it, after a later version, and when files cannot be read or written. On
    /// a full disk it opens and refuses to write. `random` must outlive it.
    static HistoryResult<std::unique_ptr<HistoryLog>> open(Settings settings, base::Random& random,
                                                           UnixMs now);
    ~HistoryLog();

    /// When the log was found damaged: how, and where it is now; one sentence for a person. All epochs have
    /// come to an end with it. Until this was asked, everything else fails with HistoryFault::damaged.
    std::optional<std::string> take_damage();

    // Writing. What is done between begin() and commit() happens entirely or not at all. After a failure
    // within it the rest fails in the same way, and so does commit().

    HistoryStatus begin(UnixMs now);
    /// A group that is not known.
    HistoryResult<HistoryPlace> create(std::string_view group);
    /// A group whose records are damaged gets a new epoch and none of them.
    HistoryResult<HistoryPlace> begin_anew(std::string_view group);
    /// To a group that was found or made; its offset.
    HistoryResult<std::uint64_t> append(std::string_view group, const HistoryDraft& draft);
    HistoryStatus commit();

    /// Deletes some of what exceeds a limit, as commit() does. False: there was nothing to delete.
    HistoryResult<bool> expire(UnixMs now);

    // Reading. `up_to` is an offset that the group has reached; what is newer is not looked at.

    /// Nothing for one that is not known.
    HistoryResult<std::optional<HistoryPlace>> find(std::string_view group);
    /// A group that is held keeps its epoch even when none of its records is left.
    void hold(std::string_view group, bool held);
    HistoryResult<NewestOfHistory> newest(std::string_view group, std::uint64_t up_to,
                                          const NewestWanted& wanted);
    /// The records after the offset `after`, or after what is not kept any more: up to `bytes_max` bytes of
    /// data, but at least one.
    HistoryResult<std::vector<HistoryRecord>> read(std::string_view group, std::uint64_t after,
                                                   std::uint64_t up_to, std::uint64_t bytes_max);
    struct Messages {
        std::vector<HistoryRecord> list;  ///< rising
        bool more = false;                ///< there are older ones
    };
    /// The newest messages before the offset `before`, up to so many and so many bytes of data, but at least
    /// one.
    HistoryResult<Messages> read_messages(std::string_view group, std::uint64_t before, std::uint64_t up_to,
                                          std::uint64_t messages_max, std::uint64_t bytes_max);

 private:
    HistoryLog(Settings settings, std::unique_ptr<HistoryFolder> folder, base::Random& random);

    /// The database is open, and memory and disk agree.
    HistoryStatus make_ready();
    HistoryStatus open_database();
    HistoryStatus check_witness(const HistoryHead& head) const;
    /// After a connection was lost within a transaction that nobody was told of: takes it back if it is
    /// there.
    HistoryStatus take_back(HistoryStreams& found, HistoryHead& head);
    /// Deletes the records that were not there `before`.
    HistoryStatus cut(HistoryStreams& streams, HistoryStream& stream, const HistoryMarks& before);
    HistoryStatus see_to_disk();
    /// Whatever follows from an error; and the error.
    HistoryError note(const HistoryError& error);
    HistoryError note_in_transaction(const HistoryError& error);
    void drop_connection();
    HistoryStatus put_aside();

    HistoryResult<HistoryPlace> add(std::string_view group);
    std::optional<HistoryStreams::Excess> next_excess();
    HistoryStatus expire_some(std::uint64_t records_max);
    HistoryStatus expire_piece(const HistoryStreams::Excess& excess);
    HistoryStatus forget(HistoryStream& stream);
    HistoryStatus write_commit();
    void checkpoint_if_long();
    HistoryStatus make_readable();
    /// A group that was found or made.
    HistoryResult<HistoryStream*> known(std::string_view group);

    const Settings settings_;
    const std::unique_ptr<HistoryFolder> folder_;
    base::Random& random_;
    UnixMs now_ = 0;

    HistoryWitnessFile witness_;
    std::unique_ptr<HistoryTables> tables_;  // null while the database is not open
    std::unique_ptr<HistoryStreams> streams_;
    HistoryHead head_;
    bool has_state_ = false;   // streams_ and head_ are what was acknowledged, whatever the disk says
    bool is_on_disk_ = false;  // what is in the WAL, too

    std::optional<HistoryError> broken_;         // the transaction is lost, and why
    std::uint64_t appended_ = 0;                 // in the transaction
    std::uint64_t deleted_ = 0;                  // likewise: records and groups
    std::optional<std::string> damage_;          // not yet taken
    std::optional<std::string> must_put_aside_;  // why
};

}  // namespace pipit::store
