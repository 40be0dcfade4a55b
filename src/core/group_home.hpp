#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "codec/pipit_v1.hpp"
#include "core/encoded_event.hpp"
#include "core/name_map.hpp"
#include "core/shard_message.hpp"
#include "core/stream.hpp"

namespace pipit::core {

/// The groups that have their home on this worker: who is in them, on whichever worker, and the order of what
/// is sent to them. A group exists while it has members. Owned by one worker.
class GroupHome {
 public:
    GroupHome(ShardPort& port, EventEncoder& encoder, base::Random& random, WorkerIndex worker_count)
        : port_(port), encoder_(encoder), random_(random), worker_count_(worker_count) {}

    /// Makes the caller a member, tells the others, and answers with Joined. A member that joins again is
    /// answered only.
    void join(JoinGroup&& command);
    /// Ends the membership, tells the others, and answers if anyone waits for it.
    void leave(LeaveGroup&& command);
    /// Gives the message its place, sends it to all members and answers. Refused are those who are not
    /// members, and everyone while a worker with members is congested.
    void post(PostToGroup&& command);

    /// From now on nobody is told of those who go: everybody is sent away.
    void silence_notices() { silent_ = true; }

    std::size_t group_count() const { return groups_.size(); }

 private:
    struct Member {
        SessionAddress address;
        UserId user;
        bool deflate;
    };
    struct Group {
        Group(GroupName group_name, base::Random& random, WorkerIndex worker_count)
            : name(std::move(group_name)), stream(random), members_on(worker_count) {}
        GroupName name;
        Stream stream;
        boost::unordered_flat_map<Cid, Member, std::hash<Cid>> members;
        std::vector<std::uint32_t> members_on;  // by worker: who has to be told
        std::uint32_t deflate_members = 0;
    };

    /// One of the workers with members has more waiting for it than it should.
    bool is_congested(const Group& group) const;
    void notify(Group& group, codec::v1::NoticeCode code, const Caller& about);
    /// Sends what is in `json_` to every worker with members.
    void deliver(const Group& group);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    WorkerIndex worker_count_;
    bool silent_ = false;
    NameMap<std::unique_ptr<Group>> groups_;
    std::string json_;  // kept for its capacity
};

}  // namespace pipit::core
