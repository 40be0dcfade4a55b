#include "core/lists.hpp"

#include <algorithm>

namespace pipit::core {
namespace {

using codec::ErrorReason;

constexpr std::string_view kForeignCursor =
    "\"startKey\" must be from an earlier answer to the same question, unchanged.";

// Names have no control characters, so only these two are escaped.
std::size_t json_bytes(std::string_view name) {
    return name.size() + static_cast<std::size_t>(
                             std::ranges::count_if(name, [](char c) { return c == '"' || c == '\\'; }));
}
std::size_t json_bytes(const codec::v1::GroupRow& row) {
    return json_bytes(row.group);
}
std::size_t json_bytes(const codec::v1::UserRow& row) {
    return json_bytes(row.user_id) + json_bytes(row.cid);
}

}  // namespace

void Lists::refuse(const Asker& asker, ErrorReason reason, std::string_view message) {
    port_.send(asker.worker, Answer{asker, reason, std::string(message)});
}

void Lists::list_groups(const Asker& asker, const codec::v1::ListGroups& list, Visibility visibility) {
    const auto query = std::make_shared<const GroupQuery>(GroupQuery::of(list, std::move(visibility)));
    std::string fingerprint = query->fingerprint();
    std::optional<GroupPlace> after;
    if (!list.paging.cursor.empty() && !(after = cursors_.group(fingerprint, list.paging.cursor))) {
        refuse(asker, ErrorReason::invalid_parameter, kForeignCursor);
        return;
    }
    search_.begin(
        query, std::move(after), true,
        [this, asker, query, fingerprint = std::move(fingerprint)](GroupPage page,
                                                                   std::vector<std::uint64_t> as_of) {
            if (cut(page.rows)) page.looked_at_until = query->key_of(page.rows.back());
            std::string cursor;
            if (page.looked_at_until) {
                if (query->by == codec::v1::ListGroups::By::name) as_of.clear();
                cursor = cursors_.of(fingerprint, {std::move(*page.looked_at_until), std::move(as_of)});
            }
            std::string json;
            codec::v1::append_page(json, page.rows, cursor);
            port_.send(asker.worker, Answer{asker, std::nullopt, std::move(json), true});
        });
}

void Lists::list_members(const Asker& asker, MemberQuery query, std::string_view cursor) {
    std::optional<MemberPlace> after;
    if (!cursor.empty() && !(after = cursors_.member(query.fingerprint(), cursor))) {
        refuse(asker, ErrorReason::invalid_parameter, kForeignCursor);
        return;
    }
    const WorkerIndex home = port_.home_of(query.group);
    port_.send(home, ListMembers{asker, std::move(query), std::move(after)});
}

void Lists::answer(ListMembers&& message) {
    const MemberQuery& query = message.query;
    const Group* group = groups_.find(query.group);
    if (query.only_for_member && (group == nullptr || !group->members.has_user(*query.only_for_member))) {
        refuse(message.asker, ErrorReason::not_permitted);
        return;
    }
    MemberPage page;
    if (group != nullptr) {
        std::optional<MemberKey> after;
        if (message.after) after = message.after->key();
        page = page_of(group->members, query, after ? &*after : nullptr);
    }
    if (cut(page.rows)) page.last = MemberPlace{page.rows.back().user_id, *Cid::parse(page.rows.back().cid)};
    std::string json;
    codec::v1::append_page(json, page.rows,
                           page.last ? cursors_.of(query.fingerprint(), *page.last) : std::string());
    port_.send(message.asker.worker, Answer{message.asker, std::nullopt, std::move(json), true});
}

template <class Rows>
bool Lists::cut(Rows& rows) const {
    constexpr std::size_t kBytesAroundRow = 64;  // what is written beside the names, at most
    std::size_t bytes = 0;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        bytes += kBytesAroundRow + json_bytes(*row);
        if (bytes <= page_bytes_max_ || row == rows.begin()) continue;
        rows.erase(row, rows.end());
        return true;
    }
    return false;
}

}  // namespace pipit::core
