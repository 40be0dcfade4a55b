#pragma once

#include <string>
#include <vector>

#include "core/encoded_event.hpp"
#include "core/name_map.hpp"
#include "core/shard_message.hpp"
#include "core/stream.hpp"

namespace pipit::core {

/// The users that have their home on this worker: their connections, on whichever worker, and the order of
/// what is sent to them. A user exists while connected. Owned by one worker.
class UserHome {
 public:
    UserHome(ShardPort& port, EventEncoder& encoder, base::Random& random,
             std::size_t connections_per_user_max)
        : port_(port),
          encoder_(encoder),
          random_(random),
          connections_per_user_max_(connections_per_user_max) {}

    /// Adds a connection, or has one go on at another place, and answers with Attached; one above the limit
    /// is refused.
    void attach(AttachToUser&& command);
    /// Removes the connection, if it was accepted.
    void detach(DetachFromUser&& command);
    /// Gives the message its place, sends it to all connections of the user and answers, or has that done
    /// when it has a notification.
    void post(PostToUser&& command);

    /// Finds the connections of the user that is called, but for the caller's own.
    void find_callee(CallRequest& request) const;

    bool is_connected(std::string_view user) const { return users_.contains(user); }
    /// Asks all connections of the user whether what was sent to them has arrived.
    void probe(std::string_view user, std::uint64_t notification) const;

    std::size_t user_count() const { return users_.size(); }

 private:
    struct Connection {
        Cid cid;
        SessionAddress address;
        bool deflate;
    };
    struct User {
        User(UserId user_id, base::Random& random) : id(std::move(user_id)), stream(random) {}
        UserId id;
        Stream stream;
        std::vector<Connection> connections;
    };

    void deliver(const User& user, std::uint64_t offset, const Caller& sender, std::string_view data);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    std::size_t connections_per_user_max_;
    NameMap<std::unique_ptr<User>> users_;
    std::string json_;  // kept for its capacity
};

}  // namespace pipit::core
