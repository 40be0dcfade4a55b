#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/history_records.hpp"
#include "store/history_streams.hpp"
#include "store/history_witness.hpp"
#include "store/sqlite_connection.hpp"

namespace pipit::store {

/// What the log as a whole says of itself.
struct HistoryHead {
    HistoryLogId log{};
    std::uint64_t sequence = 0;  ///< counts the commits
    std::uint64_t streams = 0;   ///< how many there are
    std::uint32_t digest = 0;    ///< HistoryStreams::digest()
};

/// The tables of a log, and the checksums in them. What was read is what was written, or the fault is
/// `damaged`. One transaction at a time, between begin() and commit() or roll_back(); after a failure within
/// it only roll_back() is left.
class HistoryTables {
 public:
    /// Opens the database `file`, or makes it. Without tables it is new, and create() is what comes first.
    static HistoryResult<std::unique_ptr<HistoryTables>> open(const std::string& file,
                                                              const std::string& vfs);

    /// There is nothing in the database yet.
    bool is_new() const { return is_new_; }
    /// Makes the tables.
    HistoryStatus create(const HistoryHead& head);
    /// Whatever is there must fit to the head. HistoryFault::newer_format after a later version.
    HistoryResult<HistoryHead> load(HistoryStreams& streams);

    HistoryStatus begin();
    HistoryStatus commit(const HistoryHead& head);
    /// False: the connection is of no use any more.
    bool roll_back();

    HistoryStatus write_stream(const HistoryStream& stream);
    HistoryStatus delete_stream(const HistoryStream& stream);

    /// What a record counts for.
    static std::int64_t bytes_of(const HistoryDraft& draft);
    HistoryStatus write_record(const HistoryStream& stream, std::uint64_t offset, UnixMs at,
                               const HistoryDraft& draft);

    /// How many of the records from the offset `from` on are `excess`, what they count for, and when the one
    /// after them was written: `now` without one.
    struct Measured {
        std::uint64_t count = 0;
        std::int64_t bytes = 0;
        UnixMs next_at = 0;
    };
    HistoryResult<Measured> measure(const HistoryStreams::Excess& excess, std::uint64_t from, UnixMs now);
    /// Both ends included.
    HistoryStatus delete_records(const HistoryStream& stream, std::uint64_t from, std::uint64_t to);

    /// Gives the records from `from` to `to` to `visit`, one after the other, rising or (`from` > `to`)
    /// falling, until that returns false. One that is missing or is not what was written is a
    /// HistoryFault::group_damaged.
    template <class Visit>
    HistoryStatus read_records(const HistoryStream& stream, std::uint64_t from, std::uint64_t to,
                               Visit visit);

    /// The keys of posts from `newest` down to `oldest` (1 at least), rising, as far as they are wanted. What
    /// the posts say is not read, nor whether it is what was written.
    HistoryResult<std::vector<HistoryKey>> read_keys(const HistoryStream& stream, std::uint64_t newest,
                                                     std::uint64_t oldest, const NewestWanted& wanted);

    SqliteConnection& connection() { return *connection_; }

 private:
    explicit HistoryTables(std::unique_ptr<SqliteConnection> connection)
        : connection_(std::move(connection)) {}

    HistoryStatus prepare();
    HistoryResult<HistoryHead> load_head();
    HistoryStatus load_streams(HistoryStreams& streams);
    HistoryStatus write_head(SqliteStatement& statement, const HistoryHead& head);
    HistoryResult<bool> start_reading(const HistoryStream& stream, std::uint64_t from, std::uint64_t to);
    /// The row at hand of the statement for that direction.
    HistoryResult<HistoryRecord> read_row(const SqliteStatement& row, const HistoryStream& stream,
                                          std::uint64_t offset) const;
    SqliteStatement& reading(bool rising) { return rising ? read_rising_ : read_falling_; }

    const std::unique_ptr<SqliteConnection> connection_;  // before the statements
    bool is_new_ = false;
    SqliteStatement begin_, commit_, roll_back_, update_head_, put_stream_, delete_stream_, insert_record_,
        sizes_, delete_records_, read_rising_, read_falling_, read_keys_;
};

/// A record of that group is not there, or is not what was written.
HistoryError group_damaged(const HistoryStream& stream, std::uint64_t offset, const char* how);

template <class Visit>
HistoryStatus HistoryTables::read_records(const HistoryStream& stream, std::uint64_t from, std::uint64_t to,
                                          Visit visit) {
    const bool rising = from <= to;
    SqliteStatement& row = reading(rising);
    auto there = start_reading(stream, from, to);
    for (std::uint64_t offset = from;; rising ? ++offset : --offset) {
        if (!there) return there.error();
        if (!*there) return group_damaged(stream, offset, "is missing");
        auto record = read_row(row, stream, offset);
        if (!record || !visit(std::move(*record)) || offset == to) {
            row.end();
            if (!record) return record.error();
            return std::monostate{};
        }
        there = row.step();
    }
}

}  // namespace pipit::store
