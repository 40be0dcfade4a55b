#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pipit::codec::v1 {

// pipit.v1 from the client's side. JSON values are handed over as they are written, strings with their
// quotes.

/// What a client looks at in an object that the server has sent: slices of its text, empty where there is no
/// such member.
struct Received {
    std::optional<std::uint64_t> id;  ///< of a reply
    std::string_view ok, error;       ///< its content
    std::string_view event;           ///< the name of an event, without quotes
    std::string_view data, user, cid, group, code, message, call;
};
/// `object` is what a server sends, and no heartbeat.
Received read_received(std::string_view object);

/// Of the content of a reply.
struct ReceivedContent {
    std::string_view user, cid, call;        ///< of `ok`
    std::string_view code, reason, message;  ///< of `error`
};
ReceivedContent read_content(std::string_view content);

// Commands. Each function appends one, in a line: the JSON that it is given may have newlines between its
// tokens.

void append_connect(std::string& out, std::uint64_t id, std::string_view token);
void append_join(std::string& out, std::uint64_t id, std::string_view group);
void append_leave(std::string& out, std::uint64_t id);
enum class PostTo : std::uint8_t { user, group };
/// `notification` is an object, or empty.
void append_post(std::string& out, std::uint64_t id, PostTo kind, std::string_view recipient,
                 std::string_view data, std::string_view notification);
void append_call(std::string& out, std::uint64_t id, std::string_view cid, std::string_view data);
void append_accept(std::string& out, std::uint64_t id, std::string_view call, std::string_view data);
void append_signal(std::string& out, std::uint64_t id, std::string_view call, std::string_view data);
void append_hangup(std::string& out, std::uint64_t id, std::string_view call);

}  // namespace pipit::codec::v1
