#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace pipit::codec::skapi {

// The messages of skapi-js over its WebSocket. JSON values are handed over as they are written, strings with
// their quotes.

// What the client sends. Views point into the text that was decoded.

/// Says only that the client is there.
struct KeepAlive {};
struct JoinRoom {
    std::string_view group;  ///< empty: none, so leave the one it is in
};
/// sendMessage and broadcast.
struct Send {
    enum class To : std::uint8_t { user, group };
    To to = To::user;
    std::string_view recipient;
    std::string_view content;
    std::string notification;  ///< the object that pipit.v1 takes (PROTOCOL.md 2.13); empty: none
};
/// What one connection says to another about a call.
struct Rtc {
    enum class What : std::uint8_t { offer, answer, candidate, pickup, hungup };
    std::string cid;  ///< of the other, `cid:` included; a text
    What what = What::hungup;
    std::string_view value;  ///< offer, answer: the SDP, a string; candidate: an object; otherwise empty
};
/// Not one of these; `why` is for the client's application.
struct BadMessage {
    std::string why;
};
using Message = std::variant<BadMessage, KeepAlive, JoinRoom, Send, Rtc>;

/// The whole of `text`, which is valid UTF-8, is validated. The tokens inside are not looked at: the client
/// goes on sending one that has run out.
Message decode(std::string_view text, unsigned json_depth_max);

/// A description of a session in a call (RFC 8829).
struct Description {
    bool is_offer = false;
    std::string_view sdp;  ///< a string; empty: it is none, or of a type that the client does not know
};
/// `value` is JSON.
Description read_description(std::string_view value);

// What the client is sent. Each function appends one frame, valid JSON in which `%` is written as an escape:
// the client decodes the text of a frame as a URI first, and that fails at a bare one.

struct Sender {
    std::string_view user;  ///< empty: not known
    std::string_view cid;   ///< with `cid:`, which the frame leaves out
};
void append_message(std::string& out, std::string_view content, Sender sender, std::string_view group);
void append_private(std::string& out, std::string_view content, Sender sender);
void append_notice(std::string& out, std::string_view sentence, std::string_view code, Sender about,
                   std::string_view group);
/// `value` as the client sends it: a description, a candidate, a user id.
void append_rtc(std::string& out, Rtc::What what, std::string_view value, Sender sender);
/// `text` is UTF-8.
void append_error(std::string& out, std::string_view text);
/// The same of a refusal of pipit.v1, whose `code` and `message` are JSON strings.
void append_refusal(std::string& out, std::string_view code, std::string_view message);

}  // namespace pipit::codec::skapi
