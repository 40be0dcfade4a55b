#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/group_rule.hpp"
#include "core/ids.hpp"

namespace pipit::core {

/// Whose questions about groups and their members are answered. Admins may always ask.
enum class ListAccess : std::uint8_t {
    everyone,  ///< who is signed in
    members,   ///< of the group that it is about
    admins,
};

/// Whom a connection may call. One's own other connections may always be called, unless it is `nobody`.
enum class CallAccess : std::uint8_t {
    group,  ///< users with a connection in the group that the caller's connection is in
    everyone,
    nobody,
};

/// What one asker may see. Made for a question and never changed.
struct Visibility {
    bool everything = false;     ///< an admin's
    auth::GroupRule groups;      ///< what the token allows
    UserId only_groups_of = {};  ///< set: only groups that this user has a connection in

    /// As text that no other visibility has.
    std::string fingerprint() const {
        if (everything) return "everything";
        return groups.fingerprint() + (only_groups_of ? " of " + *only_groups_of : std::string());
    }
    /// `has_user(user)`: whether that user has a connection in the group.
    template <class HasUser>
    bool allows(std::string_view group, HasUser&& has_user) const {
        return everything || (groups.allows(group) &&
                              (only_groups_of == nullptr || has_user(std::string_view(*only_groups_of))));
    }
};

}  // namespace pipit::core
