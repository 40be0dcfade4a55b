#include "core/member_list.hpp"

#include <algorithm>
#include <iterator>

#include "base/assert.hpp"

namespace pipit::core {

MemberList::Member::Member(const UserId& user_id, const Cid& connection)
    : user_prefix(0), user(user_id), cid(connection) {
    // The first bytes as a number that is in the order of the texts; a shorter id is filled up with zeros,
    // which no id contains.
    for (std::size_t i = 0; i < sizeof user_prefix; ++i)
        user_prefix = user_prefix << 8 | (i < user->size() ? static_cast<unsigned char>((*user)[i]) : 0u);
}

bool MemberList::Order::operator()(const Member& a, const Member& b) const {
    if (a.user_prefix != b.user_prefix) return a.user_prefix < b.user_prefix;
    return key_of(a) < key_of(b);
}

bool MemberList::has_other_connection(Members::const_iterator at) const {
    const auto is_same_user = [&](Members::const_iterator other) {
        return *other->first.user == *at->first.user;
    };
    return (at != members_.begin() && is_same_user(std::prev(at))) ||
           (std::next(at) != members_.end() && is_same_user(std::next(at)));
}

MemberList::Place* MemberList::find(const UserId& user, const Cid& cid) {
    const auto found = members_.find(Member(user, cid));
    return found == members_.end() ? nullptr : &found->second;
}

bool MemberList::has_user(std::string_view user) const {
    const auto at = members_.lower_bound(MemberKey{user, {}});
    return at != members_.end() && *at->first.user == user;
}

bool MemberList::add(const UserId& user, const Cid& cid, const Place& place) {
    const auto [at, is_new] = members_.emplace(Member(user, cid), place);
    PIPIT_ASSERT(is_new);
    const bool is_first = !has_other_connection(at);
    if (is_first) ++user_count_;
    return is_first;
}

std::optional<MemberList::Place> MemberList::remove(const UserId& user, const Cid& cid) {
    const auto at = members_.find(Member(user, cid));
    if (at == members_.end()) return std::nullopt;
    if (!has_other_connection(at)) --user_count_;
    const Place place = at->second;
    members_.erase(at);
    return place;
}

}  // namespace pipit::core
