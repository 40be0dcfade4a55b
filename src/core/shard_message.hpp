#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "core/encoded_event.hpp"
#include "core/ids.hpp"

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

using GroupName = std::shared_ptr<const std::string>;

// To the home of a group.
struct JoinGroup {
    Caller caller;
    std::uint64_t command_id;
    std::uint32_t attempt;  ///< comes back in Joined
    std::string group;
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
};

// To the home of a user.
struct AttachToUser {
    Caller caller;
};
struct DetachFromUser {
    Caller caller;
};
struct PostToUser {
    Caller caller;
    std::uint64_t command_id;
    std::string user;
    std::string data;
};

// To the home of a connection id, which is the worker that has the session.
struct PostToCid {
    Caller caller;
    std::uint64_t command_id;
    Cid cid;
    std::string data;
};

// To the worker that has the session.
struct Attached {
    SessionAddress to;
    bool accepted;  ///< false: the user has as many connections as are allowed
};
struct Joined {
    SessionAddress to;
    std::uint64_t command_id;
    std::uint32_t attempt;
    std::string group;
    std::string epoch;
    std::uint64_t offset;
};
struct Reply {
    SessionAddress to;
    std::string json;
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

using ShardMessage =
    std::variant<JoinGroup, LeaveGroup, PostToGroup, AttachToUser, DetachFromUser, PostToUser, PostToCid,
                 Attached, Joined, Reply, DeliverToGroup, DeliverToSession>;

/// About how much memory a message takes while it waits for its worker.
std::size_t queued_bytes(const ShardMessage& message);

/// The way from one part of the hub to the worker that is concerned, this one included.
class ShardPort {
 public:
    virtual void send(WorkerIndex to, ShardMessage message) = 0;

    /// So much waits for that worker that nothing should be posted to it.
    virtual bool is_congested(WorkerIndex worker) const = 0;

    /// The worker that is the home of a group, a user or a connection id.
    virtual WorkerIndex home_of(std::string_view name) const = 0;
    virtual WorkerIndex home_of(const Cid& cid) const = 0;

 protected:
    ~ShardPort() = default;
};

}  // namespace pipit::core
