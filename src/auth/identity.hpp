#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "auth/group_rule.hpp"
#include "base/time.hpp"

namespace pipit::auth {

/// Who a caller is, as a token that was checked says it.
struct Identity {
    std::string user_id;               ///< the `sub` claim; always is_valid_user_id()
    bool admin = false;                ///< the `role` claim is exactly "admin"
    GroupRule groups;                  ///< the `groups` claim
    base::UnixSeconds expires_at = 0;  ///< the `exp` claim, leeway not added
};

/// The default of TokenRules::user_id_bytes_max.
inline constexpr std::size_t kUserIdBytesMax = 255;

/// Whether `text` may be a user id: 1 to `bytes_max` bytes of UTF-8 without control characters (U+0000 to
/// U+001F, U+007F to U+009F).
bool is_valid_user_id(std::string_view text, std::size_t bytes_max = kUserIdBytesMax);

}  // namespace pipit::auth
