#include "core/group_search.hpp"

#include "base/assert.hpp"

namespace pipit::core {

void GroupSearch::begin(std::shared_ptr<const GroupQuery> query, std::optional<GroupPlace> after,
                        bool goes_on, Done done) {
    const std::uint64_t id = ++last_search_;
    searches_.emplace(
        id, Search{query, std::move(done), worker_count_, std::vector<std::uint64_t>(worker_count_)});
    // A place of another process may be of more workers or fewer, and then its moments are nobody's.
    const bool has_moments = after && after->as_of.size() == worker_count_;
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        port_.send(worker,
                   FindGroups{self_, id, query, after,
                              has_moments ? std::optional(after->as_of[worker]) : std::nullopt, goes_on});
    }
}

void GroupSearch::answer(FindGroups&& message, base::Instant now) {
    GroupIndex& index = groups_.index();
    const bool is_past = message.as_of && index.past().knows(*message.as_of);
    const GroupKey* after = message.after ? &*message.after : nullptr;
    GroupPage page = index.page(*message.query, after, message.as_of);
    if (message.goes_on && message.query->by == codec::v1::ListGroups::By::number_of_users) {
        index.past().remember();
        past_kept_until_ = now + kMomentKept;
    }
    port_.send(message.asking, GroupsFound{self_, message.search, std::move(page),
                                           is_past ? *message.as_of : index.past().now()});
}

void GroupSearch::tick(base::Instant now) {
    if (now >= past_kept_until_) groups_.index().past().forget();
}

void GroupSearch::take(GroupsFound&& message) {
    const auto found = searches_.find(message.search);
    PIPIT_ASSERT(found != searches_.end());
    Search& search = found->second;
    search.as_of[message.from] = message.as_of;
    search.found = merge(*search.query, std::move(search.found), std::move(message.page));
    if (--search.outstanding > 0) return;
    Search complete = std::move(search);
    searches_.erase(found);
    complete.done(std::move(complete.found), std::move(complete.as_of));
}

}  // namespace pipit::core
