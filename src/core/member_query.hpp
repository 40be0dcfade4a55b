#pragma once

#include <cstdint>
#include <string>

#include "codec/pipit_v1.hpp"
#include "core/ids.hpp"
#include "core/member_list.hpp"

namespace pipit::core {

/// A question about the connections in a group.
struct MemberQuery {
    std::string group;
    std::string user;  ///< only this one's; empty: everyone's
    bool ascending = true;
    std::uint32_t limit = 50;
    UserId only_for_member = {};  ///< set: to be answered only if this user has a connection in the group

    /// What the question is, `limit` left out: equal for two that a cursor may be carried between.
    std::string fingerprint() const;
};

/// A member's place in the order, kept.
struct MemberPlace {
    std::string user;
    Cid cid;
    MemberKey key() const { return {user, cid}; }
};

struct MemberPage {
    codec::v1::UserRows rows;
    std::optional<MemberPlace> last = {};  ///< of `rows`, when more follow
};

/// The first members of the question behind `after` (null: from the beginning), at most as many as it wants.
MemberPage page_of(const MemberList& members, const MemberQuery& query, const MemberKey* after);

}  // namespace pipit::core
