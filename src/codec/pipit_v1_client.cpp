#include "codec/pipit_v1_client.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "codec/json_members.hpp"

namespace pipit::codec::v1 {
namespace {

std::string_view value_of(const Argument& member) {
    return member ? member->value : std::string_view();
}

void begin(std::string& out, std::uint64_t id, std::string_view op) {
    fmt::format_to(std::back_inserter(out), R"({{"id":{},"op":"{}")", id, op);
}

/// A newline, which stands outside of strings only, would end the command.
void append_member(std::string& out, std::string_view name, std::string_view json) {
    out.append(",\"").append(name).append("\":");
    const auto value = static_cast<std::ptrdiff_t>(out.size());
    out += json;
    std::replace(out.begin() + value, out.end(), '\n', ' ');
}

void append_of_call(std::string& out, std::uint64_t id, std::string_view op, std::string_view call,
                    std::string_view data) {
    begin(out, id, op);
    append_member(out, "call", call);
    if (!data.empty()) append_member(out, "data", data);
    out += '}';
}

void append_recipient(std::string& out, std::string_view kind, std::string_view name) {
    out.append(",\"to\":{\"").append(kind).append("\":").append(name).append("}");
}

}  // namespace

Received read_received(std::string_view object) {
    const auto [id, ok, error, event, data, user, cid, group, code, message, call] =
        find_members(object, kJsonDepthLimit,
                     {"id", "ok", "error", "ev", "data", "user", "cid", "group", "code", "message", "call"});
    return {.id = id ? parse_json_uint53(id->value) : std::nullopt,
            .ok = value_of(ok),
            .error = value_of(error),
            .event = event && event->kind == JsonKind::string ? event->string_content() : std::string_view(),
            .data = value_of(data),
            .user = value_of(user),
            .cid = value_of(cid),
            .group = value_of(group),
            .code = value_of(code),
            .message = value_of(message),
            .call = value_of(call)};
}

ReceivedContent read_content(std::string_view content) {
    const auto [user, cid, call, code, reason, message] =
        find_members(content, kJsonDepthLimit, {"user", "cid", "call", "code", "reason", "message"});
    return {.user = value_of(user),
            .cid = value_of(cid),
            .call = value_of(call),
            .code = value_of(code),
            .reason = value_of(reason),
            .message = value_of(message)};
}

void append_connect(std::string& out, std::uint64_t id, std::string_view token) {
    begin(out, id, "connect");
    out += ",\"token\":";
    append_json_string(out, token);
    out += '}';
}

void append_join(std::string& out, std::uint64_t id, std::string_view group) {
    begin(out, id, "join");
    append_member(out, "group", group);
    out += '}';
}

void append_leave(std::string& out, std::uint64_t id) {
    begin(out, id, "leave");
    out += '}';
}

void append_post(std::string& out, std::uint64_t id, PostTo kind, std::string_view recipient,
                 std::string_view data, std::string_view notification) {
    begin(out, id, "post");
    append_recipient(out, kind == PostTo::user ? "user" : "group", recipient);
    append_member(out, "data", data);
    if (!notification.empty()) append_member(out, "notification", notification);
    out += '}';
}

void append_call(std::string& out, std::uint64_t id, std::string_view cid, std::string_view data) {
    begin(out, id, "call");
    append_recipient(out, "cid", cid);
    append_member(out, "data", data);
    out += '}';
}

void append_accept(std::string& out, std::uint64_t id, std::string_view call, std::string_view data) {
    append_of_call(out, id, "accept", call, data);
}

void append_signal(std::string& out, std::uint64_t id, std::string_view call, std::string_view data) {
    append_of_call(out, id, "signal", call, data);
}

void append_hangup(std::string& out, std::uint64_t id, std::string_view call) {
    append_of_call(out, id, "hangup", call, {});
}

}  // namespace pipit::codec::v1
