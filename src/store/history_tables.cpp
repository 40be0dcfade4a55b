#include "store/history_tables.hpp"

#include <algorithm>
#include <optional>

#include "store/history_checksum.hpp"

namespace pipit::store {
namespace {

constexpr std::int64_t kFormat = 1;
// About what SQLite adds to a record, and the part of its pages that is empty.
constexpr std::int64_t kRecordBytes = 64;

constexpr const char* kTables = R"(
    CREATE TABLE log (only_row INTEGER PRIMARY KEY, format INTEGER, log BLOB, sequence INTEGER, streams INTEGER,
        digest INTEGER, checksum INTEGER);
    CREATE TABLE streams (id INTEGER PRIMARY KEY, name BLOB, epoch BLOB, retired INTEGER, first INTEGER,
        last INTEGER, bytes INTEGER, oldest_at INTEGER, newest_message INTEGER, checksum INTEGER);
    CREATE TABLE records (place INTEGER PRIMARY KEY, at INTEGER, kind INTEGER, user BLOB, key BLOB,
        key_checksum INTEGER, cid BLOB, data BLOB, checksum INTEGER);
)";

/// Records of one group stand side by side, and are found without an index.
std::int64_t place_of(const HistoryStream& stream, std::uint64_t offset) {
    return stream.id << 39 | static_cast<std::int64_t>(offset);
}

std::string_view view(const HistoryLogId& id) {
    return {id.data(), id.size()};
}

/// Also that of later versions, so that one is not taken for a damage.
std::uint32_t checksum_of(const HistoryHead& head, std::int64_t format) {
    return HistoryChecksum()
        .add(format)
        .add(view(head.log))
        .add(head.sequence)
        .add(head.streams)
        .add(head.digest)
        .value();
}

std::uint32_t checksum_of(const HistoryStream& stream, std::uint64_t offset, UnixMs at,
                          const HistoryDraft& draft) {
    return HistoryChecksum()
        .add(std::string_view(stream.epoch))
        .add(stream.id)
        .add(offset)
        .add(at)
        .add(draft.kind)
        .add(draft.user)
        .add(draft.cid)
        .add(draft.key)
        .add(draft.data)
        .value();
}

/// Of what a key is read with. It stands before the data, which may fill many pages.
std::uint32_t checksum_of_key(const HistoryStream& stream, std::uint64_t offset, UnixMs at,
                              std::string_view user, std::string_view key) {
    return HistoryChecksum()
        .add(std::string_view(stream.epoch))
        .add(stream.id)
        .add(offset)
        .add(at)
        .add(user)
        .add(key)
        .value();
}

HistoryError damaged(std::string message) {
    return {HistoryFault::damaged, std::move(message)};
}

/// For statements that give no rows.
HistoryStatus without_rows(const HistoryResult<bool>& stepped) {
    if (!stepped) return stepped.error();
    return std::monostate{};
}

std::int64_t bytes_of_texts(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes) + kRecordBytes;
}

}  // namespace

HistoryError group_damaged(const HistoryStream& stream, std::uint64_t offset, const char* how) {
    return {HistoryFault::group_damaged,
            "record " + std::to_string(offset) + " of the group \"" + stream.name + "\" " + how};
}

HistoryResult<std::unique_ptr<HistoryTables>> HistoryTables::open(const std::string& file,
                                                                  const std::string& vfs) {
    auto connection = SqliteConnection::open(file, vfs);
    if (!connection) return connection.error();
    std::unique_ptr<HistoryTables> tables(new HistoryTables(std::move(*connection)));
    const auto failed = [&tables](const HistoryError& error) {
        tables->connection_->abandon();
        return error;
    };
    SqliteStatement count;
    if (HistoryStatus done = count.prepare(*tables->connection_, "SELECT COUNT(*) FROM sqlite_schema");
        !done) {
        return failed(done.error());
    }
    const auto row = count.start();
    if (!row) return failed(row.error());
    tables->is_new_ = count.number(0) == 0;
    count.end();
    if (!tables->is_new_) {
        if (HistoryStatus done = tables->prepare(); !done) return failed(done.error());
    }
    return tables;
}

HistoryStatus HistoryTables::create(const HistoryHead& head) {
    if (HistoryStatus done = connection_->run("BEGIN IMMEDIATE"); !done) return done;
    if (HistoryStatus done = connection_->run(kTables); !done) return done;
    SqliteStatement insert;
    HistoryStatus done = insert.prepare(*connection_, "INSERT INTO log VALUES (1, ?, ?, ?, ?, ?, ?)");
    if (!done) return done;
    if (done = write_head(insert, head); !done) return done;
    if (done = connection_->run("COMMIT"); !done) return done;
    is_new_ = false;
    return prepare();
}

HistoryStatus HistoryTables::prepare() {
    const std::pair<SqliteStatement&, const char*> statements[] = {
        {begin_, "BEGIN IMMEDIATE"},
        {commit_, "COMMIT"},
        {roll_back_, "ROLLBACK"},
        {update_head_,
         "UPDATE log SET format = ?, log = ?, sequence = ?, streams = ?, digest = ?, checksum = ?"},
        {put_stream_, "REPLACE INTO streams VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        {delete_stream_, "DELETE FROM streams WHERE id = ?"},
        {insert_record_, "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        {sizes_,
         "SELECT place, at, length(user) + length(cid) + length(key) + length(data) FROM records "
         "WHERE place BETWEEN ? AND ? ORDER BY place"},
        {delete_records_, "DELETE FROM records WHERE place BETWEEN ? AND ?"},
        {read_rising_,
         "SELECT place, at, kind, user, cid, key, data, checksum FROM records WHERE place BETWEEN ? AND ? "
         "ORDER BY place"},
        {read_falling_,
         "SELECT place, at, kind, user, cid, key, data, checksum FROM records WHERE place BETWEEN ? AND ? "
         "ORDER BY place DESC"},
        {read_keys_,
         "SELECT place, at, user, key, key_checksum FROM records WHERE place BETWEEN ? AND ? "
         "ORDER BY place DESC"},
    };
    for (const auto& [statement, text] : statements) {
        if (HistoryStatus done = statement.prepare(*connection_, text); !done) return done;
    }
    return std::monostate{};
}

HistoryResult<HistoryHead> HistoryTables::load(HistoryStreams& streams) {
    const auto head = load_head();
    if (!head) return head;
    if (HistoryStatus done = load_streams(streams); !done) return done.error();
    if (streams.size() != head->streams || streams.digest() != head->digest) {
        return damaged("the list of groups is not what was written");
    }
    return head;
}

HistoryResult<HistoryHead> HistoryTables::load_head() {
    SqliteStatement row;
    HistoryStatus prepared =
        row.prepare(*connection_, "SELECT format, log, sequence, streams, digest, checksum FROM log");
    if (!prepared) return prepared.error();
    const auto there = row.start();
    if (!there) return there.error();
    HistoryHead head;
    if (!*there || row.bytes(1).size() != head.log.size()) return damaged("the head of the log is missing");
    std::copy_n(row.bytes(1).begin(), head.log.size(), head.log.begin());
    head.sequence = static_cast<std::uint64_t>(row.number(2));
    head.streams = static_cast<std::uint64_t>(row.number(3));
    head.digest = static_cast<std::uint32_t>(row.number(4));
    const std::int64_t format = row.number(0);
    const auto checksum = static_cast<std::uint32_t>(row.number(5));
    row.end();
    if (checksum != checksum_of(head, format)) return damaged("the head of the log is not what was written");
    if (format != kFormat)
        return HistoryError{HistoryFault::newer_format, "a later version of Pipit has used it"};
    return head;
}

HistoryStatus HistoryTables::load_streams(HistoryStreams& streams) {
    SqliteStatement row;
    HistoryStatus prepared = row.prepare(*connection_,
                                         "SELECT id, name, epoch, retired, first, last, bytes, oldest_at, "
                                         "newest_message, checksum FROM streams "
                                         "ORDER BY id");
    if (!prepared) return prepared;
    auto there = row.start();
    for (; there && *there; there = row.step()) {
        HistoryStream stream{.id = row.number(0),
                             .name = std::string(row.bytes(1)),
                             .epoch = std::string(row.bytes(2)),
                             .is_retired = row.number(3) != 0,
                             .marks = {.first = static_cast<std::uint64_t>(row.number(4)),
                                       .last = static_cast<std::uint64_t>(row.number(5)),
                                       .bytes = row.number(6),
                                       .oldest_at = row.number(7),
                                       .newest_message = static_cast<std::uint64_t>(row.number(8))}};
        const auto checksum = static_cast<std::uint32_t>(row.number(9));
        if (checksum != stream.checksum()) {
            return damaged("what is known of group " + std::to_string(stream.id) +
                           " is not what was written");
        }
        streams.load(std::move(stream));
    }
    return without_rows(there);
}

HistoryStatus HistoryTables::write_head(SqliteStatement& statement, const HistoryHead& head) {
    return without_rows(statement.start(kFormat, view(head.log), static_cast<std::int64_t>(head.sequence),
                                        static_cast<std::int64_t>(head.streams), std::int64_t{head.digest},
                                        std::int64_t{checksum_of(head, kFormat)}));
}

HistoryStatus HistoryTables::begin() {
    return without_rows(begin_.start());
}

HistoryStatus HistoryTables::commit(const HistoryHead& head) {
    if (HistoryStatus done = write_head(update_head_, head); !done) return done;
    return without_rows(commit_.start());
}

bool HistoryTables::roll_back() {
    // After some failures SQLite has already done so.
    return !connection_->is_in_transaction() || bool(roll_back_.start());
}

HistoryStatus HistoryTables::write_stream(const HistoryStream& stream) {
    return without_rows(put_stream_.start(
        stream.id, std::string_view(stream.name), std::string_view(stream.epoch),
        std::int64_t{stream.is_retired}, static_cast<std::int64_t>(stream.marks.first),
        static_cast<std::int64_t>(stream.marks.last), stream.marks.bytes, stream.marks.oldest_at,
        static_cast<std::int64_t>(stream.marks.newest_message), std::int64_t{stream.checksum()}));
}

HistoryStatus HistoryTables::delete_stream(const HistoryStream& stream) {
    return without_rows(delete_stream_.start(stream.id));
}

std::int64_t HistoryTables::bytes_of(const HistoryDraft& draft) {
    return bytes_of_texts(draft.user.size() + draft.cid.size() + draft.key.size() + draft.data.size());
}

HistoryStatus HistoryTables::write_record(const HistoryStream& stream, std::uint64_t offset, UnixMs at,
                                          const HistoryDraft& draft) {
    const std::uint32_t key_checksum = checksum_of_key(stream, offset, at, draft.user, draft.key);
    return without_rows(insert_record_.start(place_of(stream, offset), at, std::int64_t{draft.kind},
                                             draft.user, draft.key, std::int64_t{key_checksum}, draft.cid,
                                             draft.data,
                                             std::int64_t{checksum_of(stream, offset, at, draft)}));
}

HistoryResult<HistoryTables::Measured> HistoryTables::measure(const HistoryStreams::Excess& excess,
                                                              std::uint64_t from, UnixMs now) {
    const HistoryStream& stream = *excess.stream;
    const std::uint64_t records = std::min(excess.records, stream.marks.last + 1 - from);
    Measured measured{.count = records, .next_at = now};
    auto row = sizes_.start(place_of(stream, from), place_of(stream, stream.marks.last));
    for (; row && *row; row = sizes_.step()) {
        // Of a damaged group some may be missing.
        const auto offset = static_cast<std::uint64_t>(sizes_.number(0) - place_of(stream, 0));
        const bool is_enough = offset >= from + records || measured.bytes >= excess.bytes;
        if (is_enough || sizes_.number(1) >= excess.before) {
            measured.count = offset - from;
            measured.next_at = sizes_.number(1);
            break;
        }
        measured.bytes += bytes_of_texts(static_cast<std::size_t>(sizes_.number(2)));
    }
    sizes_.end();
    if (!row) return row.error();
    return measured;
}

HistoryStatus HistoryTables::delete_records(const HistoryStream& stream, std::uint64_t from,
                                            std::uint64_t to) {
    return without_rows(delete_records_.start(place_of(stream, from), place_of(stream, to)));
}

HistoryResult<bool> HistoryTables::start_reading(const HistoryStream& stream, std::uint64_t from,
                                                 std::uint64_t to) {
    return reading(from <= to)
        .start(place_of(stream, std::min(from, to)), place_of(stream, std::max(from, to)));
}

HistoryResult<std::vector<HistoryKey>> HistoryTables::read_keys(const HistoryStream& stream,
                                                                std::uint64_t newest, std::uint64_t oldest,
                                                                const NewestWanted& wanted) {
    std::vector<HistoryKey> keys;
    SqliteStatement& row = read_keys_;
    auto there = row.start(place_of(stream, oldest), place_of(stream, newest));
    std::optional<HistoryError> error;
    for (std::uint64_t offset = newest; offset >= oldest && keys.size() < wanted.keys_max; --offset) {
        if (!there) return there.error();
        if (!*there) return group_damaged(stream, offset, "is missing");
        const UnixMs at = row.number(1);
        const std::string_view user = row.bytes(2), key = row.bytes(3);
        if (row.number(0) != place_of(stream, offset)) {
            error = group_damaged(stream, offset, "is missing");
        } else if (row.number(4) != std::int64_t{checksum_of_key(stream, offset, at, user, key)}) {
            error = group_damaged(stream, offset, "is not what was written");
        }
        if (error || at < wanted.keys_not_before) break;
        if (!key.empty()) keys.push_back({std::string(user), std::string(key), offset, at});
        if (offset > oldest) there = row.step();
    }
    row.end();
    if (error) return *error;
    std::reverse(keys.begin(), keys.end());
    return keys;
}

HistoryResult<HistoryRecord> HistoryTables::read_row(const SqliteStatement& row, const HistoryStream& stream,
                                                     std::uint64_t offset) const {
    if (row.number(0) != place_of(stream, offset)) return group_damaged(stream, offset, "is missing");
    HistoryRecord record{.offset = offset,
                         .at = row.number(1),
                         .kind = static_cast<std::uint8_t>(row.number(2)),
                         .user = std::string(row.bytes(3)),
                         .cid = std::string(row.bytes(4)),
                         .data = std::string(row.bytes(6)),
                         .key = std::string(row.bytes(5))};
    const HistoryDraft written{record.kind, record.user, record.cid, record.data, record.key};
    if (row.number(7) != std::int64_t{checksum_of(stream, offset, record.at, written)}) {
        return group_damaged(stream, offset, "is not what was written");
    }
    return record;
}

}  // namespace pipit::store
