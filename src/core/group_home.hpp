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
#include "core/post_answers.hpp"
#include "core/shard_message.hpp"
#include "core/stream_keeper.hpp"

namespace pipit::core {

/// The groups that have their home on this worker: who is in them, on whichever worker, and the order of what
/// is sent to them. A group exists while it has members; what is kept of its stream may stay longer. Owned by
/// one worker.
class GroupHome final : private StreamOwner {
 public:
    struct Settings {
        bool finds_by_user = false;  ///< whether the index is asked for the groups of one user
        std::size_t users_per_notification_max = 10'000;
        HistoryLimits history = {};
        std::size_t page_bytes_max = 512 << 10;  ///< of what is replayed or listed at once
    };
    GroupHome(ShardPort& port, EventEncoder& encoder, base::Random& random, StreamKeeper& keeper,
              PostAnswers& answers, WorkerIndex worker_count, const Settings& settings)
        : port_(port),
          encoder_(encoder),
          random_(random),
          keeper_(keeper),
          answers_(answers),
          worker_count_(worker_count),
          settings_(settings),
          index_(random.below(kFirstMomentBelow)) {}

    /// Makes the caller a member, tells the others, and answers with Joined and what the caller has missed. A
    /// member that joins again, from the same place or after its session went on elsewhere, is answered only.
    void join(JoinGroup&& command, base::Instant now);
    /// Ends the membership, tells the others, and answers if anyone waits for it.
    void leave(LeaveGroup&& command, base::Instant now);
    /// Gives the message its place, sends it to all members and answers, or has that done when it has a
    /// notification. One that was sent before is answered only. Refused are those who are not members,
    /// everyone while a worker with members is congested, and a notification for more users than it may have.
    void post(PostToGroup&& command, base::Instant now);
    /// Answers with messages that are kept; refused are those who have no connection in the group.
    void list_history(ListHistory&& question, base::Instant now);

    /// From now on nobody is told of those who go: everybody is sent away.
    void silence_notices() { silent_ = true; }

    /// Those with members.
    std::size_t group_count() const { return populated_; }
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
    /// With members or without; null when there is none.
    Group* find_any(std::string_view name);
    /// A group that is about to have a member. `is_new` is told whether nothing has been sent to it before.
    Group& find_or_make(const std::string& name, bool& is_new);
    /// The last member has gone.
    void retire(Group& group, base::Instant now);
    void forget_stream(std::string_view name) override;
    void count_place(Group& group, const MemberList::Place& place, int change);
    void members_changed(Group& group);
    void notify(Group& group, History::Kind kind, const Caller& about, base::Instant now);
    /// What can be said against a post before it has its place; nothing when it was refused, or was sent
    /// before and is answered.
    Group* admit(const PostToGroup& command, base::Instant now);
    /// Gives it the next place, sends it to every worker with members and keeps it. `data` is a message's.
    void send_out(Group& group, History::Kind kind, const UserId& user, const Cid& cid, std::string_view data,
                  base::Instant now);
    EncodedEventPtr encode(const Group& group, std::uint64_t offset, History::Kind kind,
                           std::string_view user, const Cid& cid, std::string_view data);
    StreamNews news(Group& group, const std::optional<codec::v1::Position>& since, base::Instant now);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    StreamKeeper& keeper_;
    PostAnswers& answers_;
    WorkerIndex worker_count_;
    Settings settings_;
    std::size_t populated_ = 0;
    bool silent_ = false;
    bool changed_ = false;
    std::function<void(std::string_view)> members_changed_ = [](std::string_view) {};
    NameMap<std::unique_ptr<Group>> groups_;
    GroupIndex index_;
    std::string json_;  // kept for its capacity
};

}  // namespace pipit::core
