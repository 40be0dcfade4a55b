#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "codec/pipit_v1.hpp"
#include "core/encoded_event.hpp"
#include "core/group.hpp"
#include "core/group_index.hpp"
#include "core/name_map.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// The groups that have their home on this worker: who is in them, on whichever worker, and the order of what
/// is sent to them. A group exists while it has members. Owned by one worker.
class GroupHome {
 public:
    struct Settings {
        bool finds_by_user = false;  ///< whether the index is asked for the groups of one user
        std::size_t users_per_notification_max = 10'000;
    };
    GroupHome(ShardPort& port, EventEncoder& encoder, base::Random& random, WorkerIndex worker_count,
              const Settings& settings)
        : port_(port),
          encoder_(encoder),
          random_(random),
          worker_count_(worker_count),
          settings_(settings),
          index_(random.below(kFirstMomentBelow)) {}

    /// Makes the caller a member, tells the others, and answers with Joined. A member that joins again, from
    /// the same place or after its session went on elsewhere, is answered only.
    void join(JoinGroup&& command);
    /// Ends the membership, tells the others, and answers if anyone waits for it.
    void leave(LeaveGroup&& command);
    /// Gives the message its place, sends it to all members and answers, or has that done when it has a
    /// notification. Refused are those who are not members, everyone while a worker with members is
    /// congested, and a notification for more users than it may have.
    void post(PostToGroup&& command);

    /// From now on nobody is told of those who go: everybody is sent away.
    void silence_notices() { silent_ = true; }

    std::size_t group_count() const { return groups_.size(); }
    /// Null when nobody is in it. Valid until the next change.
    const Group* find(std::string_view name) const;
    GroupIndex& index() { return index_; }

    /// Whether groups came, went or changed their number of users since this was asked last.
    bool take_changed() { return std::exchange(changed_, false); }
    /// Called with the name of the group after every change of its members.
    void on_members_changed(std::function<void(std::string_view group)> call) {
        members_changed_ = std::move(call);
    }

 private:
    static constexpr std::uint64_t kFirstMomentBelow = std::uint64_t{1} << 40;

    /// One of the workers with members has more waiting for it than it should.
    bool is_congested(const Group& group) const;
    /// The users of the group but for one.
    static std::vector<UserId> others_in(const Group& group, const std::string& user);
    Group& find_or_make(const std::string& name);
    void count_place(Group& group, const MemberList::Place& place, int change);
    void members_changed(Group& group);
    void notify(Group& group, codec::v1::NoticeCode code, const Caller& about);
    /// Sends what is in `json_` to every worker with members.
    void deliver(const Group& group);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    WorkerIndex worker_count_;
    Settings settings_;
    bool silent_ = false;
    bool changed_ = false;
    std::function<void(std::string_view)> members_changed_ = [](std::string_view) {};
    NameMap<std::unique_ptr<Group>> groups_;
    GroupIndex index_;
    std::string json_;  // kept for its capacity
};

}  // namespace pipit::core
