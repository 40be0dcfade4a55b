#include "store/sqlite_connection.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace pipit::store {
namespace {

bool is_want_of_room(int error_number) {
    return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

HistoryFault fault_of(int result, int error_number) {
    switch (result & 0xff) {  // the low byte of an extended code is the code
        case SQLITE_FULL:
            return HistoryFault::disk_full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return HistoryFault::damaged;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return HistoryFault::in_use;
        default:
            break;
    }
    // What a failed sync has left on the disk is not known, whatever the reason.
    if (result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC) return HistoryFault::sync_failed;
    const bool is_full = result == SQLITE_IOERR_WRITE && is_want_of_room(error_number);
    return is_full ? HistoryFault::disk_full : HistoryFault::failed;
}

}  // namespace

HistoryResult<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& file,
                                                                        const std::string& vfs) {
    // SQLite would make it readable for everyone. Its WAL takes the mode of the database.
    const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        const HistoryFault fault = is_want_of_room(errno) ? HistoryFault::disk_full : HistoryFault::failed;
        return HistoryError{fault, "cannot open " + file + ": " + std::strerror(errno)};
    }
    ::close(descriptor);
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                       vfs.empty() ? nullptr : vfs.c_str());
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(opened));
    if (result != SQLITE_OK) return connection->error(result);
    if (HistoryStatus prepared = connection->prepare(); !prepared) {
        connection->abandon();
        return prepared.error();
    }
    return connection;
}

HistoryStatus SqliteConnection::prepare() {
    sqlite3_extended_result_codes(connection_, 1);
    // We checkpoint ourselves: SQLite would keep to itself that one has failed.
    sqlite3_wal_hook(
        connection_,
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<SqliteConnection*>(self)->wal_pages_ = static_cast<std::size_t>(pages);
            return SQLITE_OK;
        },
        this);
    for (const char* pragma : {
             "PRAGMA locking_mode = EXCLUSIVE",  // and the index of the WAL needs no file
             "PRAGMA synchronous = FULL",
             "PRAGMA cell_size_check = ON",  // damaged pages are found, not followed
             "PRAGMA trusted_schema = OFF", "PRAGMA secure_delete = FAST",
             "PRAGMA cache_size = -16384",  // KiB
         }) {
        if (HistoryStatus done = run(pragma); !done) return done;
    }
    SqliteStatement mode;
    if (HistoryStatus done = mode.prepare(*this, "PRAGMA journal_mode = WAL"); !done) return done;
    const auto row = mode.start();
    if (!row) return row.error();
    if (!*row || mode.bytes(0) != "wal") {
        return HistoryError{HistoryFault::damaged, "the database cannot be used with a WAL"};
    }
    return std::monostate{};
}

SqliteConnection::~SqliteConnection() {
    sqlite3_close(connection_);
}

void SqliteConnection::abandon() {
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

HistoryStatus SqliteConnection::run(const char* statement) {
    const int result = sqlite3_exec(connection_, statement, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return error(result);
    return std::monostate{};
}

HistoryStatus SqliteConnection::checkpoint(bool truncate) {
    const int result = sqlite3_wal_checkpoint_v2(
        connection_, nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nullptr,
        nullptr);
    if (result != SQLITE_OK) return error(result, database_error_number());
    return std::monostate{};
}

// Not sqlite3_system_errno(): that is what a later call has left, when the transaction is taken back.
int SqliteConnection::database_error_number() const {
    int number = 0;
    sqlite3_file_control(connection_, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

int SqliteConnection::write_error_number() const {
    sqlite3_file* wal = nullptr;
    int number = 0;
    if (sqlite3_file_control(connection_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK &&
        wal != nullptr && wal->pMethods != nullptr) {
        wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &number);
    }
    // There is no WAL before the database was made.
    return number != 0 ? number : database_error_number();
}

HistoryError SqliteConnection::error(int result, int error_number) const {
    const int extended = connection_ != nullptr ? sqlite3_extended_errcode(connection_) : result;
    const int precise = (extended & 0xff) == (result & 0xff) ? extended : result;
    return {fault_of(precise, error_number), sqlite3_errstr(precise)};
}

HistoryStatus SqliteStatement::prepare(const SqliteConnection& connection, const char* text) {
    connection_ = &connection;
    const int result =
        sqlite3_prepare_v3(connection.connection_, text, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (result == SQLITE_OK) return std::monostate{};
    HistoryError error = connection.error(result);
    // Our statements are right: it is the tables that are not as we have made them.
    if (result == SQLITE_ERROR) error.fault = HistoryFault::damaged;
    return error;
}

HistoryResult<bool> SqliteStatement::step() {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) {
        sqlite3_reset(statement_);
        return false;
    }
    const HistoryError error = connection_->error(result);
    sqlite3_reset(statement_);
    return error;
}

std::string_view SqliteStatement::bytes(int column) const {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

void SqliteStatement::bind(int index, std::string_view value) {
    const char* bytes = value.data() != nullptr ? value.data() : "";
    sqlite3_bind_blob64(statement_, index, bytes, value.size(), SQLITE_STATIC);
}

}  // namespace pipit::store
