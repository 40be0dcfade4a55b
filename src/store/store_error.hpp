#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <variant>

#include "base/result.hpp"

namespace pipit::store {

/// Why the database did not do what it was asked. After every one of them the store can be asked again.
enum class StoreFault : std::uint8_t {
    // What our own limits refuse. Nothing was written.
    queue_full,         ///< too many notifications are unfinished, or too many deliveries wait
    author_queue_full,  ///< this author has too many unfinished notifications
    too_many_users,     ///< one notification names more users than is allowed
    endpoint_taken,     ///< the endpoint is another user's, and the secret is not that of its browser
    bad_text,           ///< a text is not UTF-8 or has U+0000, which would end it in one of the databases
    // What the database says.
    disk_full,      ///< no room for another row; reading and deleting still work
    read_only,      ///< the file, or the server, takes no changes
    unreachable,    ///< no connection, or it broke; the next transaction connects again
    busy,           ///< someone else holds what we need for longer than we wait
    not_permitted,  ///< its user may not do that
    newer_schema,   ///< a later version has been here; open() only
    failed,         ///< anything else, such as a damaged file
};

struct StoreError {
    StoreFault fault = StoreFault::failed;
    std::string message;  ///< one sentence for a person; has no values of rows in it
};

template <class T>
using Stored = base::Result<T, StoreError>;
/// The result of something that only writes.
using Saved = Stored<std::monostate>;

/// Thrown, inside this room only, for StoreFault::bad_text.
class BadText : public std::exception {
 public:
    const char* what() const noexcept override { return "a text must be UTF-8 without U+0000"; }
};

/// What SOCI or we ourselves threw, as one of ours.
StoreError store_error_of(const std::exception& thrown);
/// The same while connecting: whatever is not known better means that there is no connection.
StoreError store_error_of_connecting(const std::exception& thrown);

}  // namespace pipit::store
