#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <soci/soci.h>
#include <string>
#include <type_traits>
#include <utility>

#include "codec/utf8.hpp"
#include "store/store_error.hpp"

namespace pipit::store {

/// Throws for a text that one of the databases would not keep as it is (StoreFault::bad_text).
inline void check_text(const std::string& text) {
    if (text.find('\0') != text.npos || !codec::is_valid_utf8(text)) throw BadText();
}

/// soci::use(), for texts that both databases keep as they are.
template <class Value>
auto use(const Value& value) {
    if constexpr (std::is_same_v<Value, std::string>) check_text(value);
    static const std::string by_position;  // SOCI keeps a reference to the name
    return soci::use(value, by_position);
}

enum class Dialect : std::uint8_t { sqlite, postgresql };

/// One connection, and the transactions on it. Not thread-safe; calls block.
///
/// What commit() has said yes to is on the disk: SQLite writes through its log (WAL, synchronous=FULL),
/// PostgreSQL with synchronous_commit, whatever the server's default is.
class Database {
 public:
    /// `sqlite:///absolute/file` (made with mode 0600 when missing; its folder must be there) or
    /// `postgresql://…` or `postgres://…` as libpq reads it. The schema is not looked at.
    static Stored<std::unique_ptr<Database>> open(const std::string& url);

    Dialect dialect() const { return dialect_; }
    /// Throws what SOCI throws; for use inside atomically().
    soci::session& sql() { return *session_; }

    /// Runs a statement with its values, in their order; how many rows it wrote. Throws, likewise.
    template <class... Values>
    std::int64_t write(const std::string& statement, const Values&... values);

    /// Begins a transaction, after connecting again when the connection had been lost.
    Saved begin();
    /// Ends it. After an error nothing of it is in the database, with one exception: of a connection that
    /// broke during the commit itself nobody knows.
    Saved commit();

    /// Runs `work`, which returns a Stored<T>, entirely or not at all: in a transaction of its own, or as a
    /// part of the one that was begun, which outlives the failure of a part unless the connection is lost
    /// or the database gave the whole transaction up. Then all that follows fails with the same error, and
    /// so does commit().
    template <class Work>
    auto atomically(Work&& work) -> std::invoke_result_t<Work&>;

    /// Changes whenever something that was written may have been taken back: what is remembered about the
    /// database's content is then no longer true.
    std::uint64_t rollbacks() const { return rollbacks_; }

 private:
    Database(Dialect dialect, std::string connection)
        : dialect_(dialect), connection_(std::move(connection)) {}

    Saved connect();
    void connect_to_sqlite();
    void connect_to_postgresql();
    Saved open_part();
    Saved close_part();
    void undo_part(const StoreError& why);
    void undo_all();
    void run(const char* statement) { *session_ << statement; }

    const Dialect dialect_;
    const std::string connection_;
    std::unique_ptr<soci::session> session_;  // none while the connection is lost
    bool in_transaction_ = false;
    std::optional<StoreError> broken_;  // the transaction is lost, and why
    std::uint64_t rollbacks_ = 0;
};

template <class... Values>
std::int64_t Database::write(const std::string& statement, const Values&... values) {
    soci::statement once(sql());
    (once.exchange(use(values)), ...);
    once.alloc();
    once.prepare(statement, soci::details::st_one_time_query);
    once.define_and_bind();
    once.execute(true);
    return once.get_affected_rows();
}

template <class Work>
auto Database::atomically(Work&& work) -> std::invoke_result_t<Work&> {
    const bool whole = !in_transaction_;
    if (Saved begun = whole ? begin() : open_part(); !begun) return begun.error();
    try {
        auto result = work();
        if (!result) {
            whole ? undo_all() : undo_part(result.error());
            return result;
        }
        if (Saved ended = whole ? commit() : close_part(); !ended) return ended.error();
        return result;
    } catch (const std::exception& thrown) {
        const StoreError error = store_error_of(thrown);
        whole ? undo_all() : undo_part(error);
        return error;
    }
}

}  // namespace pipit::store
