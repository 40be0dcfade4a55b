#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "posting.hpp"

namespace pipit::soak {

// What a client can say.
struct Connect {
    std::string token;    ///< empty: it was given with the handshake
    std::string session;  ///< the cid of the connection to go on as; empty: none
};
struct Refresh {
    std::string token;
};
struct Join {
    std::string group;
};
struct Leave {};
struct Post {
    Target to;
};
using Command = std::variant<Connect, Refresh, Join, Leave, Post>;

/// A command whose answer has not come, with what the answer will be held against.
struct Unanswered {
    Command command;
    /// join, leave: which of all such commands of the connection it is, from 1. post: how many there were.
    std::uint32_t group_step = 0;
    bool in_group = false;   ///< join: in that group already. post to a group: in it, so it is accepted.
    bool may_be_in = false;  ///< join: the first of one that goes on, which may have its place there still
    Posting posting;         ///< post
    std::vector<Serial> recipients;  ///< post to a user or cid: connections that surely count as there
};

/// The last things that one connection said and heard, for the report of a failure.
class History {
 public:
    void add(std::string_view direction, std::string_view text);
    std::vector<std::string> lines() const;

 private:
    static constexpr std::size_t kLineBytesMax = 220;
    std::array<std::string, 24> ring_;
    std::size_t added_ = 0;
};

/// Whoever is named in events, by a small number for each cid.
using Peer = std::uint32_t;

/// The last post that came from each connection.
using LastFrom = std::unordered_map<Serial, std::uint32_t>;

/// The group as it stands for this connection, from the answer to join on.
struct Membership {
    std::string group, epoch;
    std::uint64_t next_offset = 1;
    std::uint64_t owed_offset = 0;           ///< up to here everything must still come
    std::unordered_map<Peer, bool> present;  ///< what the notices and messages say of the others
    LastFrom last_from;
};

/// The groups that it has asked to join and to leave, whether or not that was answered. Shared by all
/// connections of one client that go on as each other: what one has asked for may be told of the next.
struct Deeds {
    std::set<std::string> joined, left;
};

/// What one connection was promised so far. Moved by the Model alone.
struct Connection {
    Serial serial = 0;
    std::string user;
    std::string cid;  ///< empty until signed in
    bool open = true;
    Serial earlier = 0;        ///< the lost connection that it asks to go on as; 0: none
    bool must_resume = false;  ///< and it is in time for that
    bool resumed = false;

    std::uint64_t last_id = 0;
    std::uint32_t last_post = 0;
    std::map<std::uint64_t, Unanswered> unanswered;

    std::string group;  ///< in which it is once all it sent is carried out; empty: none
    std::uint32_t group_steps_sent = 0;
    std::uint32_t group_steps_answered = 0;
    std::optional<Membership> membership;
    std::shared_ptr<Deeds> deeds = std::make_shared<Deeds>();

    // The stream of its user, in which this connection gets everything from a place on that it is not told.
    std::string private_epoch;
    std::uint64_t private_first = 0, private_next = 0;  ///< 0: nothing has come yet
    std::uint64_t private_owed_first = 0, private_owed_last = 0;
    /// Posts to this connection alone that have not come; true: their sender knows that they will.
    std::map<std::pair<Serial, std::uint32_t>, bool> direct_owed;
    LastFrom last_to_user, last_to_cid;
    /// Where posts of this connection to users stand in their streams.
    std::map<std::uint32_t, std::uint64_t> private_places;

    History history;

    bool signed_in() const { return open && !cid.empty(); }
};

}  // namespace pipit::soak
