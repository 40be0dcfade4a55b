#include "core/testing/list_shards.hpp"

#include <stdexcept>

namespace pipit::core {

ListShards::Shard::Shard(ListShards& all, WorkerIndex self, WorkerIndex worker_count,
                         std::size_t page_bytes_max)
    : all_(all),
      answers(*this, self),
      groups(*this, encoder, all.random_, keeper, answers, *this, self, worker_count,
             {.finds_by_user = true}),
      search(*this, groups, self, worker_count),
      lists(*this, search, groups, ListCursors(auth::Seal(*auth::Secret::from_bytes(std::string(32, 'k')))),
            page_bytes_max) {
    groups.silence_notices();
}

void ListShards::Shard::send(WorkerIndex to, ShardMessage message) {
    all_.under_way_.emplace_back(to, std::move(message));
}

ListShards::ListShards(WorkerIndex worker_count, std::size_t page_bytes_max, SeededRandom& random)
    : random_(random) {
    for (WorkerIndex self = 0; self < worker_count; ++self)
        shards_.push_back(std::make_unique<Shard>(*this, self, worker_count, page_bytes_max));
}

void ListShards::join(const std::string& group, const UserId& user, const Cid& cid) {
    shards_[home_of(group)]->groups.join({{{}, cid, user}, 1, 1, group}, {});
    std::erase_if(under_way_, [](const auto& each) { return std::holds_alternative<Joined>(each.second); });
}

void ListShards::leave(const std::string& group, const UserId& user, const Cid& cid) {
    shards_[home_of(group)]->groups.leave({{{}, cid, user}, 0, LeaveCause::left, group}, {});
}

Answer ListShards::ask(const std::string& command, const Visibility& visibility,
                       const std::function<void()>& meanwhile) {
    auto decoded = codec::v1::decode(command, {});
    auto& what = std::get<codec::v1::Command>(decoded).what;
    const auto worker = static_cast<WorkerIndex>(random_.below(shards_.size()));
    const Asker asker{worker, std::nullopt, 1};
    if (auto* users = std::get_if<codec::v1::ListUsers>(&what)) {
        const std::string cursor = users->paging.cursor;
        shards_[worker]->lists.list_members(asker,
                                            {.group = users->group,
                                             .user = users->user_id,
                                             .ascending = users->paging.ascending,
                                             .limit = users->paging.limit,
                                             .only_for_member = visibility.only_groups_of},
                                            cursor);
    } else {
        shards_[worker]->lists.list_groups(asker, std::get<codec::v1::ListGroups>(what), visibility);
    }
    answer_.reset();
    while (!under_way_.empty()) {
        meanwhile();
        // No two of them have to keep their order: they go to or come from different workers.
        std::swap(under_way_[random_.below(under_way_.size())], under_way_.back());
        auto [to, message] = std::move(under_way_.back());
        under_way_.pop_back();
        deliver(to, std::move(message));
    }
    if (!answer_) throw std::runtime_error("no answer to " + command);
    return std::move(*answer_);
}

void ListShards::pass(base::Millis time) {
    now_ += time;
    for (const auto& shard : shards_)
        shard->search.tick(now_);
}

void ListShards::deliver(WorkerIndex to, ShardMessage&& message) {
    Shard& shard = *shards_[to];
    if (auto* find = std::get_if<FindGroups>(&message)) {
        shard.search.answer(std::move(*find), now_);
    } else if (auto* found = std::get_if<GroupsFound>(&message)) {
        shard.search.take(std::move(*found));
    } else if (auto* members = std::get_if<ListMembers>(&message)) {
        shard.lists.answer(std::move(*members));
    } else {
        if (answer_) throw std::runtime_error("a second answer");
        answer_ = std::get<Answer>(std::move(message));
    }
}

}  // namespace pipit::core
