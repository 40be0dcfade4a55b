#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codec/codes.hpp"
#include "codec/notification.hpp"

namespace pipit::codec::v1 {

// The messages of protocol/PROTOCOL.md as values. Views point into the text that was decoded.

/// A place in a stream (PROTOCOL.md 2.14).
struct Position {
    std::string epoch;  ///< any text here
    std::uint64_t offset = 0;
    friend bool operator==(const Position&, const Position&) = default;
};

struct Connect {
    std::optional<std::string> token;
    std::string client;
    std::string session;            ///< the cid to go on as; empty: none
    std::optional<Position> since;  ///< in the user's private stream
};
struct Refresh {
    std::string token;
};
struct Join {
    std::string group;
    std::optional<Position> since;
};
struct Leave {};

/// Whom a post is for. `unsaid`: a bare string, which the session interprets.
struct Recipient {
    enum class Kind : std::uint8_t { unsaid, group, user, cid };
    Kind kind = Kind::unsaid;
    std::string name;
};
struct Post {
    Recipient to;
    std::string_view data;  ///< validated JSON, as it was sent
    std::optional<Notification> notification;
    std::string key;  ///< under which it may be sent again; empty: none
};

/// Which part of a list.
struct Paging {
    static constexpr std::uint32_t kLimitMax = 1'000;
    std::uint32_t limit = 50;  ///< 1 to kLimitMax
    bool ascending = true;
    std::string cursor;  ///< as the client sent it; empty: from the beginning
};
/// The groups whose name or number of users fits, in the order of what is looked at.
struct ListGroups {
    enum class By : std::uint8_t { name, number_of_users };
    /// On names at_least means that they begin with `name`, and the others compare code points.
    enum class Filter : std::uint8_t { all, equal, not_equal, greater, at_least, less, at_most, range };
    By by = By::name;
    Filter filter = Filter::all;
    std::string name, name_to;         ///< By::name; `name_to` with range
    double number = 0, number_to = 0;  ///< By::number_of_users; finite
    Paging paging;
};
/// The connections in a group.
struct ListUsers {
    std::string group;    ///< empty: the one that the asking connection is in
    std::string user_id;  ///< empty: everyone
    Paging paging;
};
/// Keeps the first page of a list up to date; its cursor is empty.
struct Watch {
    static constexpr std::uint32_t kLimitMax = 200;
    std::variant<ListGroups, ListUsers> list;
};
struct Unwatch {
    std::string watch;
};

/// Messages that are kept of a group, the newest before a position.
struct ReadHistory {
    std::string group;               ///< empty: the one that the asking connection is in
    std::uint32_t limit = 50;        ///< 1 to Paging::kLimitMax
    std::optional<Position> before;  ///< absent: the newest of all
};

/// Rings one connection, or all others of a user.
struct Call {
    Recipient to;           ///< a user or a cid
    std::string_view data;  ///< validated JSON, as it was sent; so in the commands below
};
/// The id of a call is any text here: what no call has is in no call.
struct Accept {
    std::string call;
    std::string_view data;
};
struct Signal {
    std::string call;
    std::string_view data;
};
struct Hangup {
    std::string call;
};
struct Reattach {
    std::string ticket;
};
struct Ice {};

// Of notifications. What a subscription has is any text here; push::parse_subscription looks at it.

struct VapidKey {};
struct Subscribe {
    std::string endpoint, p256dh, auth;
    std::string vapid;  ///< the key that it was made with; empty: the present one
};
struct Unsubscribe {
    std::string endpoint;
};
struct Resubscribe {
    std::string old_endpoint, old_auth;
    Subscribe subscription;
};
struct Push {
    Notification notification;
    std::optional<std::vector<std::string>> users;  ///< absent: everyone, as the command says itself
};
struct Pushed {
    std::uint64_t push = 0;  ///< 0: a text that names none
};

/// A command whose arguments are wrong, or that is unknown: to be answered and then forgotten.
struct Refused {
    ErrorReason reason;
    std::string message;      ///< names the argument, what was found and what is allowed
    bool is_connect = false;  ///< a sign-in with wrong arguments, which may be the first command all the same
};

struct Command {
    std::uint64_t id = 0;
    std::variant<Refused, Connect, Refresh, Join, Leave, Post, ListGroups, ListUsers, Watch, Unwatch, Call,
                 Accept, Signal, Hangup, Reattach, Ice, VapidKey, Subscribe, Unsubscribe, Resubscribe, Push,
                 Pushed, ReadHistory>
        what;
};
struct Heartbeat {};
/// Cannot be answered: closes the connection with bad_message. `why` is fit for the close frame.
struct Undecodable {
    std::string why;
};
using Decoded = std::variant<Undecodable, Heartbeat, Command>;

struct DecodeLimits {
    std::size_t group_name_bytes_max = 255;
    std::size_t user_id_bytes_max = 255;
    std::size_t token_bytes_max = 8192;
    unsigned json_depth_max = 64;
};

/// Decodes one JSON object of a client's message; `text` is valid UTF-8. The whole of it is validated.
Decoded decode(std::string_view text, const DecodeLimits& limits);

/// The objects of a message, which stand on a line each. Calls `each(std::string_view)` until it returns
/// false.
template <class Each>
void for_each_object(std::string_view message, Each&& each) {
    for (;;) {
        const std::size_t end = message.find('\n');
        if (!each(message.substr(0, end)) || end == std::string_view::npos) return;
        message.remove_prefix(end + 1);
    }
}

// What the server sends. Each function appends one JSON object, without newline.

/// What has become of the events after a client's `since`.
struct Replayed {
    std::uint64_t count;  ///< so many of them follow
    bool more = false;    ///< and there are others to be asked for
};
struct NotRecovered {
    enum class Reason : std::uint8_t { window, epoch, damaged };
    Reason reason;
    std::optional<std::uint64_t> missed = {};
};
/// Empty: the client has not told any.
using Recovery = std::variant<std::monostate, Replayed, NotRecovered>;
struct StreamState {
    std::string_view epoch = {};
    std::uint64_t offset = 0;
    Recovery recovery = {};
};

struct Welcome {
    std::string_view user, cid;
    bool resumed;
    std::string_view server;
    std::uint64_t token_expires_in_ms, ping_interval_ms, pong_timeout_ms;
    std::uint64_t message_bytes, commands_per_second, commands_burst, group_name_bytes, user_id_bytes;
    std::uint64_t key_window_ms;  ///< for how long the keys of posts are remembered
    StreamState stream = {};      ///< of the user's private messages
};
void append_welcome(std::string& out, std::uint64_t id, const Welcome& welcome);
void append_refreshed(std::string& out, std::uint64_t id, std::uint64_t token_expires_in_ms);
void append_joined(std::string& out, std::uint64_t id, std::string_view group, const StreamState& stream);
void append_left(std::string& out, std::uint64_t id);
/// `epoch` is empty for what has no place in a stream.
void append_posted(std::string& out, std::uint64_t id, std::string_view epoch, std::uint64_t offset);
/// The content of that answer.
void append_position(std::string& out, std::string_view epoch, std::uint64_t offset);
/// Without `message` the catalogue's sentence is used; `retry_after_ms` 0 is left out.
void append_error(std::string& out, std::uint64_t id, ErrorReason reason, std::string_view message = {},
                  std::uint64_t retry_after_ms = 0);
/// The connection is in no group now.
void append_join_refused(std::string& out, std::uint64_t id, ErrorReason reason);

struct GroupRow {
    std::string group;
    std::uint64_t number_of_users = 0;
    friend bool operator==(const GroupRow&, const GroupRow&) = default;
};
struct UserRow {
    std::string user_id;
    std::string cid;
    friend bool operator==(const UserRow&, const UserRow&) = default;
};
using GroupRows = std::vector<GroupRow>;
using UserRows = std::vector<UserRow>;
/// What tells the rows of a list apart.
inline const std::string& key_of(const GroupRow& row) {
    return row.group;
}
inline const std::string& key_of(const UserRow& row) {
    return row.cid;
}

/// The content of an answer: `{"list":[…],"startKey":…}`. `cursor` is empty when nothing follows.
void append_page(std::string& out, const GroupRows& rows, std::string_view cursor);
void append_page(std::string& out, const UserRows& rows, std::string_view cursor);
/// Gives an answer its envelope; `content` is a JSON object.
void append_ok(std::string& out, std::uint64_t id, std::string_view content);
/// The content of an error: `{"code":…,"reason":…,"message":…,"retry":…}`, as in append_error.
void append_error_content(std::string& out, ErrorReason reason, std::string_view message = {},
                          std::uint64_t retry_after_ms = 0);

struct WatchState {
    std::string_view watch;
    std::uint64_t version;
    bool end_of_list;
};
void append_watching(std::string& out, std::uint64_t id, const WatchState& state, const GroupRows& rows);
void append_watching(std::string& out, std::uint64_t id, const WatchState& state, const UserRows& rows);
/// How a list became another: rows that went, and rows that came or changed, with their index in the new
/// list, rising.
template <class Row>
struct ListChange {
    std::vector<std::string> gone;  ///< keys
    std::vector<std::pair<std::size_t, Row>> put;
    friend bool operator==(const ListChange&, const ListChange&) = default;
};
void append_watch_event(std::string& out, const WatchState& state, const ListChange<GroupRow>& change);
void append_watch_event(std::string& out, const WatchState& state, const ListChange<UserRow>& change);
void append_unwatched_event(std::string& out, std::string_view watch);

struct Sender {
    std::string_view user, cid;
};
void append_message(std::string& out, std::string_view group, std::uint64_t offset, Sender sender,
                    std::string_view data);
/// The part of that text that a page of history shows: from its offset on, with the closing brace.
std::string_view message_row(std::string_view message);
struct HistoryRow {
    std::string_view row;  ///< of message_row()
    std::uint64_t age_ms;
};
/// The content of an answer: `{"list":[…],"epoch":…,"startKey":…}`. `older_than` is absent when there is
/// nothing older.
void append_history(std::string& out, const std::vector<HistoryRow>& rows, std::string_view epoch,
                    std::optional<std::uint64_t> older_than);
/// `offset` is absent for what was sent to one connection.
void append_private(std::string& out, std::optional<std::uint64_t> offset, Sender sender,
                    std::string_view data);

enum class NoticeCode : std::uint8_t { user_joined, user_left, user_disconnected };
void append_notice(std::string& out, std::string_view group, std::uint64_t offset, NoticeCode code,
                   Sender about);

// Of calls; `data` is JSON.

void append_calling(std::string& out, std::uint64_t id, std::string_view call, std::uint64_t devices,
                    std::uint64_t ring_timeout_ms);
void append_call_accepted(std::string& out, std::uint64_t id, std::string_view ticket);
/// `peer` is absent while the other side is away.
void append_reattached(std::string& out, std::uint64_t id, std::string_view call, std::optional<Sender> peer);
void append_ring_event(std::string& out, std::string_view call, Sender caller, std::uint64_t expires_in_ms,
                       std::string_view data);
void append_accepted_event(std::string& out, std::string_view call, Sender peer, std::string_view ticket,
                           std::string_view data);
void append_signal_event(std::string& out, std::string_view call, std::string_view data);
/// `here` is absent when the other side went away.
void append_peer_event(std::string& out, std::string_view call, std::optional<Sender> here);

enum class CallEnd : std::uint8_t {
    answered_elsewhere,
    rejected,
    cancelled,
    timeout,
    unreachable,
    busy,
    lost,
    hung_up,
    moved
};
void append_ended_event(std::string& out, std::string_view call, CallEnd reason);

// Of notifications: the contents of answers.

void append_vapid_key(std::string& out, std::string_view public_key);
void append_subscribed(std::string& out);
void append_unsubscribed(std::string& out);
void append_push_started(std::string& out, std::uint64_t push);
/// How far a notification has come; numbers of subscriptions.
struct PushProgress {
    std::uint64_t reached = 0, waiting = 0, delivered = 0, gone = 0, refused = 0, expired = 0;
    bool finished = false;
};
void append_push_progress(std::string& out, const PushProgress& progress);

void append_token_event(std::string& out, std::uint64_t expires_in_ms);
void append_drain_event(std::string& out, std::uint64_t reconnect_in_ms);

}  // namespace pipit::codec::v1
