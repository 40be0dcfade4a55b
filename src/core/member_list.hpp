#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/key_range.hpp"

namespace pipit::core {

/// A place in the order of members: by user id, and the connections of one user in an order of their own.
struct MemberKey {
    std::string_view user;
    Cid cid;
    friend bool operator==(const MemberKey&, const MemberKey&) = default;
    friend bool operator<(const MemberKey& a, const MemberKey& b) {
        const int users = a.user.compare(b.user);
        return users != 0 ? users < 0 : a.cid.bytes < b.cid.bytes;
    }
};

/// The connections in one group, in order. Owned by one worker.
class MemberList {
 public:
    /// Where a member is to be reached.
    struct Place {
        SessionAddress address;
        bool deflate;  ///< takes compressed frames
    };

    std::size_t size() const { return members_.size(); }
    bool empty() const { return members_.empty(); }
    /// Users, however many connections each of them has.
    std::size_t user_count() const { return user_count_; }

    /// Null when it is no member. Valid until the next change.
    Place* find(const UserId& user, const Cid& cid);
    bool has_user(std::string_view user) const;
    /// It must not be a member. Returns whether it is the user's first connection here.
    bool add(const UserId& user, const Cid& cid, const Place& place);
    /// Its place until now; nothing when it was no member.
    std::optional<Place> remove(const UserId& user, const Cid& cid);

    /// Visits members as walk() does; `visit(const UserId&, const Cid&)`.
    template <class Visit>
    void visit(std::span<const KeyRange<MemberKey>> ranges, bool ascending, const MemberKey* after,
               Visit&& visit) const {
        walk(
            ranges, ascending, after, [this](const MemberKey& key) { return members_.lower_bound(key); },
            [this](const MemberKey& key) { return members_.upper_bound(key); }, members_.end(),
            [&](const auto& entry) { return visit(entry.first.user, entry.first.cid); });
    }

 private:
    struct Member {
        Member(const UserId& user_id, const Cid& connection);
        std::uint64_t user_prefix;  // decides most comparisons without a look at the id itself
        UserId user;
        Cid cid;
    };
    struct Order {
        using is_transparent = void;
        bool operator()(const Member& a, const Member& b) const;
        bool operator()(const Member& a, const MemberKey& b) const { return key_of(a) < b; }
        bool operator()(const MemberKey& a, const Member& b) const { return a < key_of(b); }
    };
    using Members = std::map<Member, Place, Order>;

    static MemberKey key_of(const Member& member) { return {*member.user, member.cid}; }
    /// Whether a member beside that one is of the same user.
    bool has_other_connection(Members::const_iterator at) const;

    Members members_;
    std::size_t user_count_ = 0;
};

}  // namespace pipit::core
