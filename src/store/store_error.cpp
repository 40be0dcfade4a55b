#include "store/store_error.hpp"

#include <algorithm>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <string_view>
#include <utility>

namespace pipit::store {
namespace {

StoreFault fault_of_sqlite(int result) {
    switch (result & 0xff) {  // the low byte of an extended code is the code
        case SQLITE_FULL:
            return StoreFault::disk_full;
        case SQLITE_READONLY:
            return StoreFault::read_only;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return StoreFault::busy;
        case SQLITE_CANTOPEN:
            return StoreFault::unreachable;
        default:
            return StoreFault::failed;
    }
}

/// By SQLSTATE (PostgreSQL 15 documentation, appendix A). Without one there was no server to answer.
StoreFault fault_of_postgresql(std::string_view state) {
    if (state == "53100") return StoreFault::disk_full;
    if (state == "25006") return StoreFault::read_only;
    if (state == "40001" || state == "40P01" || state == "55P03" || state == "57014") return StoreFault::busy;
    const bool has_state = state.find_first_not_of(std::string_view(" \0", 2)) != state.npos;
    if (!has_state || state.starts_with("08") || state.starts_with("57P") || state == "53300") {
        return StoreFault::unreachable;
    }
    return StoreFault::failed;
}

/// The first line: what SOCI and libpq add quotes the statement and may quote values.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

StoreError store_error_of(const std::exception& thrown) {
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown)) {
        return {fault_of_sqlite(sqlite->result()), first_line(sqlite->get_error_message())};
    }
    if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&thrown)) {
        return {fault_of_postgresql(postgresql->sqlstate()), first_line(postgresql->get_error_message())};
    }
    if (const auto* other = dynamic_cast<const soci::soci_error*>(&thrown)) {
        const bool connection = other->get_error_category() == soci::soci_error::connection_error;
        return {connection ? StoreFault::unreachable : StoreFault::failed,
                first_line(other->get_error_message())};
    }
    const bool bad_text = dynamic_cast<const BadText*>(&thrown) != nullptr;
    return {bad_text ? StoreFault::bad_text : StoreFault::failed, first_line(thrown.what())};
}

StoreError store_error_of_connecting(const std::exception& thrown) {
    StoreError error = store_error_of(thrown);
    if (error.fault != StoreFault::failed) return error;
    // SOCI does not say more of PostgreSQL, and libpq gives the reason, which quotes nothing, in further
    // lines.
    std::string message = thrown.what();
    while (message.ends_with('\n'))
        message.pop_back();
    std::replace(message.begin(), message.end(), '\n', ' ');
    return {StoreFault::unreachable, std::move(message)};
}

}  // namespace pipit::store
