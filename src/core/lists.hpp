#pragma once

#include <cstddef>

#include "codec/pipit_v1.hpp"
#include "core/access.hpp"
#include "core/group_home.hpp"
#include "core/group_search.hpp"
#include "core/list_cursor.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// Answers questions for pages of groups and of members, with an Answer to who asks. Owned by one worker.
class Lists {
 public:
    /// `page_bytes_max`: a longer page is cut, and its end to be asked for.
    Lists(ShardPort& port, GroupSearch& search, const GroupHome& groups, ListCursors cursors,
          std::size_t page_bytes_max)
        : port_(port),
          search_(search),
          groups_(groups),
          cursors_(std::move(cursors)),
          page_bytes_max_(page_bytes_max) {}

    void list_groups(const Asker& asker, const codec::v1::ListGroups& list, Visibility visibility);
    /// `query` in the form in which it is carried out.
    void list_members(const Asker& asker, MemberQuery query, std::string_view cursor);

    /// At the group's home.
    void answer(ListMembers&& message);

    void refuse(const Asker& asker, codec::ErrorReason reason, std::string_view message = {});

 private:
    /// Cuts the rows to page_bytes_max; whether it had to.
    template <class Rows>
    bool cut(Rows& rows) const;

    ShardPort& port_;
    GroupSearch& search_;
    const GroupHome& groups_;
    ListCursors cursors_;
    std::size_t page_bytes_max_;
};

}  // namespace pipit::core
