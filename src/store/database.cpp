#include "store/database.hpp"

#include <algorithm>
#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <string_view>
#include <unistd.h>

namespace pipit::store {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite://";

/// libpq takes both.
bool is_postgresql(std::string_view url) {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

/// For what SOCI's reader of connection strings takes one quoted value.
std::string sqlite_connection(std::string_view file) {
    return "dbname=\"" + std::string(file) + "\" timeout=5";  // seconds to wait for another process's lock
}

/// libpq would wait for ever for a server that does not answer.
std::string postgresql_connection(std::string url) {
    if (url.find("connect_timeout=") == url.npos) {
        url += url.find('?') == url.npos ? '?' : '&';
        url += "connect_timeout=5";
    }
    return url;
}

/// SQLite would make the file readable for everyone, and it holds the secrets of subscriptions. Its log files
/// take the mode of the database.
void make_private_file(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);  // or else SQLite says what is wrong
}

/// SQLite says that it cannot open or change the file, and not that it lacks a place for its log beside it.
StoreError explained(const std::string& file, StoreError error) {
    const std::string folder = file.substr(0, std::max<std::size_t>(file.rfind('/'), 1));
    const bool may_be_the_folder =
        error.fault == StoreFault::unreachable || error.fault == StoreFault::read_only;
    if (may_be_the_folder && ::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0)
        error.message += ": the folder " + folder + " cannot be written to";
    return error;
}

}  // namespace

Stored<std::unique_ptr<Database>> Database::open(const std::string& url) {
    std::unique_ptr<Database> database;
    std::string file;
    if (url.starts_with(kSqliteScheme)) {
        file = url.substr(kSqliteScheme.size());
        if (!file.starts_with('/') || file.find('"') != file.npos) {
            return StoreError{StoreFault::failed,
                              "a sqlite:// URL needs the absolute path of a file, without quotes"};
        }
        make_private_file(file);
        database.reset(new Database(Dialect::sqlite, sqlite_connection(file)));
    } else if (is_postgresql(url)) {
        database.reset(new Database(Dialect::postgresql, postgresql_connection(url)));
    } else {
        return StoreError{StoreFault::failed, "the database must be a sqlite:// or a postgresql:// URL"};
    }
    if (Saved connected = database->connect(); !connected)
        return file.empty() ? connected.error() : explained(file, connected.error());
    return database;
}

Saved Database::connect() {
    ++rollbacks_;
    try {
        dialect_ == Dialect::sqlite ? connect_to_sqlite() : connect_to_postgresql();
    } catch (const std::exception& thrown) {
        session_.reset();
        return store_error_of_connecting(thrown);
    }
    if (dialect_ == Dialect::sqlite) {
        // SQLite opens such a file without a word, and even begins a transaction.
        const auto* backend = static_cast<soci::sqlite3_session_backend*>(session_->get_backend());
        if (sqlite_api::sqlite3_db_readonly(backend->conn_, "main") != 0) {
            return StoreError{StoreFault::read_only, "the database is a file that may not be written to"};
        }
    }
    return std::monostate{};
}

void Database::connect_to_sqlite() {
    session_ = std::make_unique<soci::session>(soci::sqlite3, connection_);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("PRAGMA foreign_keys = ON");
}

void Database::connect_to_postgresql() {
    session_ = std::make_unique<soci::session>(soci::postgresql, connection_);
    // What a server says beside its answers would go to the standard error, past the log.
    const auto* backend = static_cast<soci::postgresql_session_backend*>(session_->get_backend());
    PQsetNoticeProcessor(
        backend->conn_, [](void*, const char*) {}, nullptr);
    run("SET synchronous_commit = on");
    run("SET lock_timeout = '5s'");
    run("SET statement_timeout = '30s'");
}

Saved Database::begin() {
    if (!session_) {
        if (Saved connected = connect(); !connected) return connected;
    }
    try {
        // SQLite: a transaction that becomes a writer half way may find that it cannot.
        run(dialect_ == Dialect::sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    } catch (const std::exception& thrown) {
        const StoreError error = store_error_of(thrown);
        // Seldom is this the moment when a broken connection shows; it is dropped, and made anew next time.
        if (error.fault == StoreFault::unreachable) session_.reset();
        return error;
    }
    in_transaction_ = true;
    return std::monostate{};
}

Saved Database::commit() {
    std::optional<StoreError> error = broken_;
    if (!error) {
        try {
            run("COMMIT");
        } catch (const std::exception& thrown) {
            error = store_error_of(thrown);
            broken_ = error;
        }
    }
    if (error) {
        undo_all();
        return *error;
    }
    in_transaction_ = false;
    return std::monostate{};
}

Saved Database::open_part() {
    if (broken_) return *broken_;
    try {
        run("SAVEPOINT part");
    } catch (const std::exception& thrown) {
        broken_ = store_error_of(thrown);
        return *broken_;
    }
    return std::monostate{};
}

Saved Database::close_part() {
    try {
        run("RELEASE SAVEPOINT part");
    } catch (const std::exception& thrown) {
        broken_ = store_error_of(thrown);
        return *broken_;
    }
    return std::monostate{};
}

void Database::undo_part(const StoreError& why) {
    ++rollbacks_;
    try {
        run("ROLLBACK TO SAVEPOINT part");
        run("RELEASE SAVEPOINT part");
    } catch (const std::exception&) {
        broken_ = why;  // with the connection, or because SQLite rolled back everything by itself
    }
}

void Database::undo_all() {
    ++rollbacks_;
    in_transaction_ = false;
    broken_.reset();
    try {
        run("ROLLBACK");
    } catch (const std::exception&) {
        // SQLite has already rolled back and says that there is no transaction. A server that does not even
        // take this is gone.
        if (dialect_ == Dialect::postgresql) session_.reset();
    }
}

}  // namespace pipit::store
