#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "store/history_error.hpp"

namespace pipit::store {

/// One SQLite database that this process alone uses, in WAL mode: what a commit has said yes to is on the
/// disk. Without SOCI, for what is written thousands of times a second. Not thread-safe; calls block.
class SqliteConnection {
 public:
    /// Makes the file, with mode 0600, when it is missing. `vfs` is one that is registered with SQLite; empty
    /// for SQLite's own.
    static HistoryResult<std::unique_ptr<SqliteConnection>> open(const std::string& file,
                                                                 const std::string& vfs);
    /// Moves what is in the WAL into the database, unless abandon() was called.
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    HistoryStatus run(const char* statement);
    /// Whether a statement that failed has left a transaction behind.
    bool is_in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

    /// How many pages the WAL had after the last commit.
    std::size_t wal_pages() const { return wal_pages_; }
    /// Moves what is in the WAL into the database, and sees to it that it is on the disk there. `truncate`
    /// leaves an empty WAL.
    HistoryStatus checkpoint(bool truncate);

    /// From now on the files stay as they are.
    void abandon();

    /// What the last call that failed with `result` has to say.
    HistoryError error(int result) const { return error(result, write_error_number()); }

 private:
    friend class SqliteStatement;
    explicit SqliteConnection(sqlite3* connection) : connection_(connection) {}

    HistoryStatus prepare();
    HistoryError error(int result, int error_number) const;
    /// Why the file that statements write to, or the database, could not be written the last time that it
    /// could not be.
    int write_error_number() const;
    int database_error_number() const;

    sqlite3* const connection_;
    std::size_t wal_pages_ = 0;
};

/// A statement that is prepared once. Its connection must outlive it.
class SqliteStatement {
 public:
    SqliteStatement() = default;
    ~SqliteStatement() { sqlite3_finalize(statement_); }
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    HistoryStatus prepare(const SqliteConnection& connection, const char* text);

    /// Begins it with these values, numbers or bytes, in their order; bytes must live until the next start()
    /// or end(). True when there is a row.
    template <class... Values>
    HistoryResult<bool> start(const Values&... values) {
        sqlite3_reset(statement_);
        int index = 0;
        (bind(++index, values), ...);
        return step();
    }
    /// The next row; false when there is none.
    HistoryResult<bool> step();
    /// Leaves the rows that were not read.
    void end() { sqlite3_reset(statement_); }

    // Of the present row.
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    /// Valid until the next step.
    std::string_view bytes(int column) const;

 private:
    void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
    void bind(int index, std::string_view value);

    const SqliteConnection* connection_ = nullptr;
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace pipit::store
