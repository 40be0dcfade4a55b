#include "core/group_search.hpp"

#include <algorithm>
#include <iterator>

#include "base/assert.hpp"

namespace pipit::core {

void GroupSearch::begin(std::shared_ptr<const GroupQuery> query, std::optional<GroupKey> after, Done done) {
    const std::uint64_t id = ++last_search_;
    searches_.emplace(id, Search{query, std::move(done), worker_count_, {}});
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker)
        port_.send(worker, FindGroups{self_, id, query, after});
}

void GroupSearch::answer(FindGroups&& message) {
    const GroupKey* after = message.after ? &*message.after : nullptr;
    port_.send(message.asking, GroupsFound{message.search, groups_.index().page(*message.query, after)});
}

void GroupSearch::take(GroupsFound&& message) {
    const auto found = searches_.find(message.search);
    PIPIT_ASSERT(found != searches_.end());
    Search& search = found->second;
    GroupPage& all = search.found;
    auto& rows = message.page.rows;
    all.rows.insert(all.rows.end(), std::move_iterator(rows.begin()), std::move_iterator(rows.end()));
    if (auto& until = message.page.looked_at_until) {
        if (!all.looked_at_until || search.query->is_before(*until, *all.looked_at_until))
            all.looked_at_until = std::move(until);
    }
    if (--search.outstanding > 0) return;
    Search complete = std::move(search);
    searches_.erase(found);
    const Done done = std::move(complete.done);
    done(put_together(std::move(complete)));
}

GroupPage GroupSearch::put_together(Search&& search) {
    const GroupQuery& query = *search.query;
    GroupPage page = std::move(search.found);
    auto& rows = page.rows;
    std::ranges::sort(rows, [&](const auto& a, const auto& b) {
        return query.is_before(query.key_of(a), query.key_of(b));
    });
    if (page.looked_at_until) {
        // Beyond it a worker may have more than it has said.
        std::erase_if(
            rows, [&](const auto& row) { return query.is_before(*page.looked_at_until, query.key_of(row)); });
    }
    if (rows.size() > query.limit) {
        rows.resize(query.limit);
        page.looked_at_until = query.key_of(rows.back());
    }
    return page;
}

}  // namespace pipit::core
