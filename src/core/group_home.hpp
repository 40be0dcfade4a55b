#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/pipit_v1.hpp"
#include "core/encoded_event.hpp"
#include "core/group.hpp"
#include "core/group_index.hpp"
#include "core/log_reads.hpp"
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
        std::function<bool(std::string_view group)> is_durable = {};  ///< empty: none is
        std::size_t page_bytes_max = 512 << 10;  ///< of what is replayed or listed at once
    };
    GroupHome(ShardPort& port, EventEncoder& encoder, base::Random& random, StreamKeeper& keeper,
              PostAnswers& answers, LogPort& log, WorkerIndex self, WorkerIndex worker_count,
              const Settings& settings)
        : port_(port),
          encoder_(encoder),
          random_(random),
          keeper_(keeper),
          answers_(answers),
          log_(log),
          reads_(log),
          self_(self),
          worker_count_(worker_count),
          settings_(settings),
          index_(random.below(kFirstMomentBelow)) {}

    /// Makes the caller a member, tells the others, and answers with Joined and what the caller has missed. A
    /// member that joins again, from the same place or after its session went on elsewhere, is answered only.
    /// Who is refused, with Joined as well, is no member, whatever it was before.
    void join(JoinGroup&& command, base::Instant now);
    /// Ends the membership, tells the others, and answers if anyone waits for it.
    void leave(LeaveGroup&& command, base::Instant now);
    /// Gives the message its place, sends it to all members and answers, or has that done when it has a
    /// notification. One that was sent before is answered only, whoever is a member by now. Refused are those
    /// who are not, everyone while a worker with members is congested, and a notification for more users than
    /// it may have.
    void post(PostToGroup&& command, base::Instant now);
    /// Answers with messages that are kept; refused are those who have no connection in the group.
    void list_history(ListHistory&& question, base::Instant now);

    // Of those whose history is kept on disk.
    void log_opened(LogOpened&& opened, base::Instant now);
    void log_appended(const LogAppended& appended, base::Instant now);
    void log_read(LogRead&& read, base::Instant now);

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
    Group& make(const std::string& name);
    /// Somebody comes to it who may be the first.
    void populate(Group& group);
    /// Lets go of a group without members, unless something is still to be done for it.
    void retire_if_idle(Group& group, base::Instant now);
    void forget_stream(std::string_view name) override;
    void count_place(Group& group, const MemberList::Place& place, int change);
    void members_changed(Group& group);
    void notify(Group& group, History::Kind kind, const Caller& about, base::Instant now);
    bool is_durable(std::string_view group) const {
        return settings_.is_durable && settings_.is_durable(group);
    }
    /// Whether it was sent before by the same user, and so is answered, or will be with the first.
    bool is_known(Group& group, const PostToGroup& command, base::Instant now);
    /// Whether a post may be given its place in its group; false when it was refused.
    bool admit(Group* group, const PostToGroup& command);
    /// Gives it the next place, sends it to every worker with members and keeps it.
    void send_out(Group& group, const LogRecord& record, base::Instant now);
    void keep(Group& group, const LogRecord& record, EncodedEventPtr event, base::Instant at);
    EncodedEventPtr encode(const Group& group, std::uint64_t offset, const LogRecord& record);
    /// Answers a post that stands at the end of the stream.
    void answer_placed(Group& group, const Caller& caller, std::uint64_t command_id, const std::string& key,
                       NotificationPtr notification, base::Instant now);
    void answer_joined(JoinGroup&& join, StreamNews news);
    /// Also ends the membership of one that has joined again. The group may be gone then.
    void refuse_join(const JoinGroup& join, codec::ErrorReason reason, base::Instant now);
    void end_membership(const LeaveGroup& command, base::Instant now);

    // Histories on disk: group_home_log.cpp
    void open_log(Group& group);
    /// Whether the command has to wait until the log of the group is open, and does.
    template <class Command>
    bool waits_for_log(Group* group, Command& command, base::Instant now);
    /// Whether so much waits already, of all groups or of this one, that it must not, too.
    template <class Command>
    bool must_not_wait(const Group& group, const Command& command) const;
    /// Of the group, which therefore waits no longer.
    std::deque<GroupLog::Command> take_waiting(GroupLog& log);
    /// It does not wait any longer: it is refused, but for one who leaves.
    void give_up(GroupLog::Command&& command, codec::ErrorReason reason, base::Instant now);
    /// Begins with what the log has.
    void restore(Group& group, LogOpened&& opened, base::Instant now);
    /// What was kept is lost, and what the log was asked and has not answered will not be answered.
    void begin_anew(Group& group, base::Instant now);
    void append(Group& group, GroupLog::Appending appending);
    void append_post(Group& group, PostToGroup&& post);
    /// It is on disk.
    void publish(Group& group, GroupLog::Appending&& done, base::Instant now);
    /// Whether the event with that offset can be read from the log, and only from there.
    bool has_on_disk(Group& group, std::uint64_t offset, base::Instant now);
    /// Nothing more may be read.
    bool must_not_read() const { return log_.is_log_congested() || reads_.is_full(); }
    void read_missed(Group& group, JoinGroup&& join);
    void read_history(Group& group, ListHistory&& list);
    /// The group may be gone then.
    void answer_missed(Group& group, std::vector<JoinGroup>&& joins, const LogRead& read, base::Instant now);
    void answer_history(Group& group, const ListHistory& list, const LogRead& read);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    StreamKeeper& keeper_;
    PostAnswers& answers_;
    LogPort& log_;
    LogReads reads_;
    std::uint64_t last_opening_ = 0;
    std::size_t waiting_for_logs_ = 0;  // bytes of commands
    WorkerIndex self_;
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
