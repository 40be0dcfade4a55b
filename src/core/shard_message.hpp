#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/codes.hpp"
#include "codec/notification.hpp"
#include "codec/pipit_v1.hpp"
#include "core/encoded_event.hpp"
#include "core/group_query.hpp"
#include "core/ids.hpp"
#include "core/log_record.hpp"
#include "core/member_query.hpp"

namespace pipit::core {

// What workers tell each other. Every group, user and connection id has one home worker that knows all about
// it and orders what is sent to it. Messages from one worker to another arrive in the order in which they
// were sent; on that rests every promise about order.

/// A session as others need to know it.
struct Caller {
    SessionAddress address;
    Cid cid;
    UserId user;
    bool deflate = false;  ///< takes compressed frames
};

/// Null: the post has none.
using NotificationPtr = std::unique_ptr<codec::Notification>;

using GroupName = std::shared_ptr<const std::string>;

/// Who waits for an answer: a command of a session, or a question that came without one.
struct Asker {
    WorkerIndex worker;
    std::optional<SessionAddress> session;
    std::uint64_t id;  ///< of the command, or of the question
};

/// What is left of a session whose connection was lost, for the one that goes on with it.
struct KeptSession {
    Cid cid;
    UserId user;
    std::string group;  ///< where it still is a member; empty: nowhere
};

// To the home of a group.
struct JoinGroup {
    Caller caller;
    std::uint64_t command_id;
    std::uint32_t attempt;  ///< comes back in Joined
    std::string group;
    std::optional<codec::v1::Position> since = {};  ///< what it has of the group's events
};
enum class LeaveCause : std::uint8_t { left, disconnected };
struct LeaveGroup {
    Caller caller;
    std::uint64_t command_id;  ///< 0: nobody waits for an answer
    LeaveCause cause;
    std::string group;
};
struct PostToGroup {
    Caller caller;
    std::uint64_t command_id;
    std::string group;
    std::string data;
    NotificationPtr notification = {};
    std::string key = {};  ///< under which it may be sent again; empty: none
    bool joined =
        true;  ///< false: its session is not in the group, and asks for the answer to an earlier one
};

/// Answered with a page.
struct ListHistory {
    Asker asker;
    UserId user;  ///< who wants to know
    codec::v1::ReadHistory what;
};

struct ListMembers {
    Asker asker;
    MemberQuery query;
    std::optional<MemberPlace> after;
};

// To every worker, for each has some of the groups.
struct FindGroups {
    WorkerIndex asking;
    std::uint64_t search;
    std::shared_ptr<const GroupQuery> query;
    std::optional<GroupKey> after;
    std::optional<std::uint64_t> as_of;  ///< the moment of the walk, as this worker counts
    bool goes_on;                        ///< the next page may be asked for, too
};
/// Groups came, went, or changed their number of users.
struct GroupsChanged {};

// To the home of a watched list: of its group, or of its key.
struct StartWatch {
    Caller caller;
    std::uint64_t command_id;
    std::string key;                           ///< equal for equal lists
    std::shared_ptr<const GroupQuery> groups;  ///< null: `members` is what is watched
    MemberQuery members;
};
struct StopWatch {
    Caller caller;
    std::string watch;
};

// To the home of a user.
struct AttachToUser {
    Caller caller;
    std::optional<codec::v1::Position> since = {};  ///< what it has of the user's private messages
};
struct DetachFromUser {
    Caller caller;
};
struct PostToUser {
    Caller caller;
    std::uint64_t command_id;
    std::string user;
    std::string data;
    NotificationPtr notification = {};
    std::string key = {};
};

// To the home of a connection id: the worker where its first session was opened.
/// From now on it is there: answered with Placed.
struct PlaceCid {
    Caller caller;
};
/// The connection was lost; its worker keeps what belongs to it for a while.
struct CidAway {
    Cid cid;
    SessionAddress address;  ///< counts only while it is there
};
struct ForgetCid {
    Cid cid;
    SessionAddress address;  ///< counts only while it is there
};
/// Wants to go on as the session of that cid: passed on to the worker that has it, which answers with
/// Resumed.
struct Resume {
    SessionAddress to;
    Cid cid;
    UserId user;
    std::optional<SessionAddress> place = {};  ///< where it is, as its home knows
};
struct PostToCid {
    Caller caller;
    std::uint64_t command_id;
    Cid cid;
    std::string data;
    NotificationPtr notification = {};
    std::string key = {};
};

/// A call that somebody wants to make, on its way through those who know something about it: the home of who
/// is called, the home of the group that makes it allowed, and its own home, the worker of the caller.
struct CallRequest {
    Caller caller;
    std::uint64_t command_id;
    std::string call;
    std::string group;  ///< that the caller is in; empty: none
    std::variant<Cid, std::string> callee;
    std::string data;
    std::vector<Caller> devices = {};  ///< the connections to ring
};
struct FindCallee {
    CallRequest request;
};
struct CheckCallee {
    CallRequest request;
};
struct StartCall {
    CallRequest request;
};

// To the home of a call.
enum class CallSide : std::uint8_t { caller, callee };
struct AcceptCall {
    Caller caller;
    std::uint64_t command_id;
    std::string call;
    std::string data;
};
struct SignalCall {
    Caller caller;
    std::uint64_t command_id;
    std::string call;
    std::string data;
};
struct ReattachCall {
    Caller caller;
    std::uint64_t command_id;
    std::string call;
    CallSide side;
};
struct LeaveCall {
    enum class Why : std::uint8_t {
        hung_up,
        closed,  ///< its connection has said goodbye
        lost,    ///< it has no connection now
        busy,    ///< it has no room for the call that was to ring
    };
    std::string call;
    SessionAddress address;
    Why why;
};

// To the worker that has the session.
/// An event of a call, or an answer that changes whether the session is in it.
struct CallNews {
    enum class Then : std::uint8_t {
        rings,        ///< the session is in the call from now on; who has no room or is not there leaves it
        takes_part,   ///< the answer to its accept or reattach; who has left meanwhile is refused
        has_no_part,  ///< its reattach is refused
        goes_on,
        is_over,  ///< the session is not in the call any more
    };
    SessionAddress to;
    std::string call;
    EncodedEventPtr event;
    Then then;
    std::uint64_t command_id = 0;  ///< of the answer
    UserId caller = {};            ///< with `rings`
};
/// Where a stream has come to, and what has been missed of it, to be sent behind the answer. What is sent to
/// the stream later comes later.
struct StreamNews {
    std::string epoch = {};
    std::uint64_t offset = 0;
    codec::v1::Recovery recovery = {};
    std::vector<EncodedEventPtr> missed = {};
};
struct Attached {
    SessionAddress to;
    bool accepted;  ///< false: the user has as many connections as are allowed
    StreamNews stream = {};
};
struct Joined {
    SessionAddress to;
    std::uint64_t command_id;
    std::uint32_t attempt;
    std::string group;
    StreamNews stream = {};
    std::optional<codec::ErrorReason> refused = {};  ///< it is no member, and was one perhaps
};
/// To be posted when everything else of its turn is: what the new place says must not overtake what the old
/// one said.
struct Resumed {
    SessionAddress to;
    std::optional<KeptSession> kept;  ///< absent: there is nothing to go on with
};
struct Placed {
    SessionAddress to;
};
struct Answer {
    Asker to;
    std::optional<codec::ErrorReason> error;
    std::string text;      ///< the content of `ok`, or the message of the error (empty: the catalogue's)
    bool is_page = false;  ///< it can be asked for again, so who has much to read need not get it
};
struct Watching {
    Caller to;
    std::uint64_t command_id;
    std::string key;    ///< of the list that was asked for
    WorkerIndex home;   ///< where it has to be stopped if `to` is not there any more
    std::string watch;  ///< empty: it was refused
    std::string json;   ///< the whole answer
};
struct GroupsFound {
    WorkerIndex from;
    std::uint64_t search;
    GroupPage page;
    std::uint64_t as_of;  ///< the moment that it is of
};
struct Reply {
    SessionAddress to;
    std::string json;
};

// Of notifications.
/// To the homes of those addressed by a post, one after the other: each says which of its users are
/// connected.
struct SortAddressed {
    Asker asker;
    std::string answer;  ///< to the post
    UserId author;
    codec::Notification notification;
    std::vector<UserId> unknown = {};
    std::vector<UserId> away = {};
    std::vector<UserId> here = {};
};
/// To the home of the users: whoever is connected shall say so. Comes from outside of the hubs.
struct ProbeUsers {
    std::uint64_t notification;
    std::vector<UserId> users;
};
/// To the worker that has the session.
struct ProbeSession {
    SessionAddress to;
    std::uint64_t notification;
};

// Of durable groups: from whoever keeps their logs, to the home of the group (core/history_command.hpp).
/// The answer to OpenLog. It may also come unasked, as `damaged` and without an epoch: what was kept since
/// the OpenLog of that number is lost, and no post that was asked before and is not answered will be. Nothing
/// is done for the group before OpenLog is asked again, which gives a new epoch.
struct LogOpened {
    GroupName group = {};
    std::uint64_t number = 0;               ///< of the OpenLog
    LogTrouble trouble = LogTrouble::none;  ///< `damaged`: it is open, but what was there before is not
    std::string epoch = {};                 ///< empty: it is not open
    std::uint64_t offset = 0;               ///< of the last record ever kept
    std::uint64_t first = 1;                ///< the oldest record that can still be read has this offset
    std::vector<LoggedRecord> newest = {};  ///< rising, without a hole, up to `offset`
    std::vector<LoggedKey> keys = {};       ///< of posts that may still be sent again, rising by offset
};
/// The answer to the oldest `count` AppendToLog of that group that are not answered yet.
struct LogAppended {
    GroupName group;
    std::uint64_t count;
    LogTrouble trouble = LogTrouble::none;  ///< otherwise none of them has been kept
    std::uint64_t offset = 0;               ///< of the first of them; the others follow
};
/// To every worker with members: the stream of the group has ended and another one begun.
struct StreamBroken {
    GroupName group;
};
/// The answer to ReadLog and ReadLogBackwards; `unavailable` when the log of the group is not open.
struct LogRead {
    GroupName group;
    std::uint64_t read;
    LogTrouble trouble = LogTrouble::none;  ///< otherwise nothing of it is told
    std::vector<LoggedRecord> records = {};
    bool more = false;  ///< backwards: there are older messages
};

// To every worker that has receivers.
struct DeliverToGroup {
    GroupName group;
    EncodedEventPtr event;
};
struct DeliverToSession {
    SessionAddress to;
    EncodedEventPtr event;
};
/// Nobody may watch that list any more.
struct WatchEnded {
    std::string watch;
};

using ShardMessage =
    std::variant<JoinGroup, LeaveGroup, PostToGroup, ListMembers, FindGroups, GroupsChanged, StartWatch,
                 StopWatch, AttachToUser, DetachFromUser, PostToUser, PlaceCid, CidAway, ForgetCid, Resume,
                 PostToCid, Attached, Joined, Resumed, Placed, Answer, Watching, GroupsFound, Reply,
                 DeliverToGroup, DeliverToSession, WatchEnded, FindCallee, CheckCallee, StartCall, AcceptCall,
                 SignalCall, ReattachCall, LeaveCall, CallNews, SortAddressed, ProbeUsers, ProbeSession,
                 ListHistory, LogOpened, LogAppended, LogRead, StreamBroken>;

/// What a post carries, in bytes.
template <class Post>
requires requires(const Post& post) {
    post.notification->payload;
}
std::size_t post_bytes(const Post& post) {
    return post.data.size() + (post.notification ? post.notification->payload.size() : 0);
}

/// About how much memory a message takes while it waits for its worker.
std::size_t queued_bytes(const ShardMessage& message);

/// The way from one part of the hub to the worker that is concerned, this one included.
class ShardPort {
 public:
    virtual void send(WorkerIndex to, ShardMessage message) = 0;

    /// The same, but it arrives after everything that is sent to whatever worker before the turn ends.
    virtual void send_last(WorkerIndex to, ShardMessage message) = 0;

    /// So much waits for that worker that nothing should be posted to it.
    virtual bool is_congested(WorkerIndex worker) const = 0;

    /// The worker that is the home of a group, a user or a connection id.
    virtual WorkerIndex home_of(std::string_view name) const = 0;
    virtual WorkerIndex home_of(const Cid& cid) const = 0;

 protected:
    ~ShardPort() = default;
};

}  // namespace pipit::core
