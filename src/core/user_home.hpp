#pragma once

#include <string>
#include <vector>

#include "core/encoded_event.hpp"
#include "core/name_map.hpp"
#include "core/post_answers.hpp"
#include "core/shard_message.hpp"
#include "core/stream_keeper.hpp"

namespace pipit::core {

/// The users that have their home on this worker: their connections, on whichever worker, and the order of
/// what is sent to them. A user exists while connected; the private stream may stay longer, or begin before,
/// with what was sent to a user who was not known. Owned by one worker.
class UserHome final : private StreamOwner {
 public:
    struct Settings {
        std::size_t connections_per_user_max = 32;
        HistoryLimits history = {};
    };
    UserHome(ShardPort& port, EventEncoder& encoder, base::Random& random, StreamKeeper& keeper,
             PostAnswers& answers, const Settings& settings)
        : port_(port),
          encoder_(encoder),
          random_(random),
          keeper_(keeper),
          answers_(answers),
          settings_(settings) {}

    /// Adds a connection, or has one go on at another place, and answers with Attached and what it has
    /// missed; one above the limit is refused.
    void attach(AttachToUser&& command, base::Instant now);
    /// Removes the connection, if it was accepted.
    void detach(DetachFromUser&& command, base::Instant now);
    /// Gives the message its place, sends it to all connections of the user and answers, or has that done
    /// when it has a notification. One that was sent before is answered only.
    void post(PostToUser&& command, base::Instant now);

    /// Finds the connections of the user that is called, but for the caller's own.
    void find_callee(CallRequest& request) const;

    bool is_connected(std::string_view user) const;
    /// Asks all connections of the user whether what was sent to them has arrived.
    void probe(std::string_view user, std::uint64_t notification) const;

    /// Those who are connected.
    std::size_t user_count() const { return connected_; }

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
        std::vector<Connection> connections;  ///< none: it is kept for when the user comes, or comes back
    };

    User* find(std::string_view name);
    User& add(UserId id);
    /// One who is not known, and may come. Null when nothing may be kept until then.
    User* expect(const std::string& name, base::Instant now);
    void forget_stream(std::string_view name) override;
    /// Whether it was sent before, and so is answered.
    bool is_known(const PostToUser& command, User& user, base::Instant now);
    EncodedEventPtr deliver(const User& user, std::uint64_t offset, const Caller& sender,
                            std::string_view data);

    ShardPort& port_;
    EventEncoder& encoder_;
    base::Random& random_;
    StreamKeeper& keeper_;
    PostAnswers& answers_;
    Settings settings_;
    std::size_t connected_ = 0;
    NameMap<std::unique_ptr<User>> users_;
    std::string json_;  // kept for its capacity
};

}  // namespace pipit::core
