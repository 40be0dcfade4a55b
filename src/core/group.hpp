#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <boost/intrusive/set_hook.hpp>

#include "base/random.hpp"
#include "core/group_log.hpp"
#include "core/member_list.hpp"
#include "core/shard_message.hpp"
#include "core/stream.hpp"

namespace pipit::core {

struct ByName;
struct ByUsers;
template <class Tag>
using GroupHook =
    boost::intrusive::set_base_hook<boost::intrusive::tag<Tag>, boost::intrusive::optimize_size<true>>;

/// One group at its home: who is in it, on whichever worker, and the order of what is sent to it.
struct Group : GroupHook<ByName>, GroupHook<ByUsers> {
    Group(GroupName group_name, base::Random& random, WorkerIndex worker_count)
        : name(std::move(group_name)), stream(random), members_on(worker_count) {}

    GroupName name;
    Stream stream;
    MemberList members;  ///< empty: it is kept for those who may come back
    // The GroupIndex's: where it stands in the order by users, and since which moment.
    std::size_t indexed_users = 0;
    std::uint64_t indexed_since = 0;
    std::vector<std::uint32_t> members_on;  ///< by worker: who has to be told
    std::uint32_t deflate_members = 0;
    std::unique_ptr<GroupLog> log;  ///< null: its history is in memory only
};

}  // namespace pipit::core
