#include "core/member_query.hpp"

#include <array>

#include <fmt/format.h>

namespace pipit::core {

std::string MemberQuery::fingerprint() const {
    return fmt::format("users {} {}:{} {}", ascending ? "up" : "down", group.size(), group, user);
}

MemberPage page_of(const MemberList& members, const MemberQuery& query, const MemberKey* after) {
    const std::string next_user = query.user + '\0';
    KeyRange<MemberKey> range{{query.user, {}}};
    if (!query.user.empty()) range.to = MemberKey{next_user, {}};
    MemberPage page;
    MemberPlace last;
    members.visit({&range, 1}, query.ascending, after, [&](const UserId& user, const Cid& cid) {
        if (page.rows.size() == query.limit) {
            page.last = std::move(last);
            return false;
        }
        last = {*user, cid};
        page.rows.push_back({*user, cid.text()});
        return true;
    });
    return page;
}

}  // namespace pipit::core
