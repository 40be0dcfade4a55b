#include "store/store_error.hpp"

#include <algorithm>
#include <array>
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
    if (state == "42501" || state == "3F000") return StoreFault::not_permitted;
    if (state == "40001" || state == "40P01" || state == "55P03" || state == "57014") return StoreFault::busy;
    const bool has_state = state.find_first_not_of(std::string_view(" \0", 2)) != state.npos;
    if (!has_state || state.starts_with("08") || state.starts_with("57P") || state == "53300") {
        return StoreFault::unreachable;
    }
    return StoreFault::failed;
}

/// What the database itself says, without what SOCI and libpq put before it.
std::string_view own_words(std::string_view text) {
    constexpr std::array<std::string_view, 13> kPutBefore{" ",
                                                          "\n",
                                                          "sqlite3_statement_backend::prepare:",
                                                          "sqlite3_statement_backend::loadOne:",
                                                          "sqlite3_statement_backend::loadRS:",
                                                          "Cannot establish connection to the database.",
                                                          "Cannot begin transaction.",
                                                          "Cannot commit transaction.",
                                                          "Cannot prepare statement.",
                                                          "Cannot execute query.",
                                                          "Fatal error.",
                                                          "ERROR:",
                                                          "FATAL:"};
    const std::string_view whole = text;
    const auto stands_before = [&](std::string_view prefix) { return text.starts_with(prefix); };
    for (;;) {
        const auto* const prefix = std::ranges::find_if(kPutBefore, stands_before);
        if (prefix == kPutBefore.end()) return text.empty() ? whole : text;
        text.remove_prefix(prefix->size());
    }
}

/// The first line: what SOCI and libpq add quotes the statement and may quote values.
std::string first_line(std::string_view text) {
    text = own_words(text);
    return std::string(text.substr(0, text.find('\n')));
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
    std::string message(own_words(thrown.what()));
    while (message.ends_with('\n'))
        message.pop_back();
    std::replace(message.begin(), message.end(), '\n', ' ');
    return {StoreFault::unreachable, std::move(message)};
}

}  // namespace pipit::store
