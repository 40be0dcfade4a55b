#include <array>
#include <iterator>

#include <fmt/format.h>

#include "codec/json_scan.hpp"
#include "codec/pipit_v1.hpp"

namespace pipit::codec::v1 {
namespace {

void append_number(std::string& out, std::uint64_t number) {
    const fmt::format_int digits(number);
    out.append(digits.data(), digits.size());
}

/// `"name":` with what separates it from what stands before.
void append_key(std::string& out, std::string_view name) {
    if (out.back() != '{') out += ',';
    out.append(1, '"').append(name).append("\":");
}
void append_member(std::string& out, std::string_view name, std::string_view text) {
    append_key(out, name);
    append_json_string(out, text);
}
void append_member(std::string& out, std::string_view name, std::uint64_t number) {
    append_key(out, name);
    append_number(out, number);
}

/// A bool that no pointer or number turns into by itself.
struct Flag {
    bool value;
};
void append_member(std::string& out, std::string_view name, Flag flag) {
    append_key(out, name);
    out += flag.value ? "true" : "false";
}

/// Up to the content of a reply, which one closing brace must follow.
void begin_envelope(std::string& out, std::uint64_t id, std::string_view kind) {
    out += "{\"id\":";
    append_number(out, id);
    out.append(",\"").append(kind).append("\":");
}
void begin_ok(std::string& out, std::uint64_t id) {
    begin_envelope(out, id, "ok");
    out += '{';
}
void end_ok(std::string& out) {
    out += "}}";
}

void append_sender(std::string& out, Sender sender) {
    append_member(out, "user", sender.user);
    append_member(out, "cid", sender.cid);
}

constexpr std::string_view name_of(NotRecovered::Reason reason) {
    using Reason = NotRecovered::Reason;
    switch (reason) {
        case Reason::window:
            return "window";
        case Reason::epoch:
            return "epoch";
        case Reason::damaged:
            break;
    }
    return "damaged";
}
void append_stream(std::string& out, const StreamState& stream) {
    append_member(out, "epoch", stream.epoch);
    append_member(out, "offset", stream.offset);
    if (const auto* replayed = std::get_if<Replayed>(&stream.recovery)) {
        append_member(out, "recovered", Flag{true});
        append_member(out, "replayed", replayed->count);
        if (replayed->more) append_member(out, "more", Flag{true});
    } else if (const auto* lost = std::get_if<NotRecovered>(&stream.recovery)) {
        append_member(out, "recovered", Flag{false});
        append_member(out, "reason", name_of(lost->reason));
        if (lost->missed) append_member(out, "missed", *lost->missed);
    }
}

void append_no_group(std::string& out) {
    append_key(out, "group");
    out += "null";
}

/// `"data":…}`: what was sent ends the object.
void append_data(std::string& out, std::string_view data) {
    append_key(out, "data");
    out.append(data).append(1, '}');
}

struct NoticeText {
    std::string_view code, after_user;
};
constexpr NoticeText text_of(NoticeCode code) {
    switch (code) {
        case NoticeCode::user_joined:
            return {"USER_JOINED", "\" has joined the message group."};
        case NoticeCode::user_left:
            return {"USER_LEFT", "\" has left the message group."};
        case NoticeCode::user_disconnected:
            break;
    }
    return {"USER_DISCONNECTED", "\" has been disconnected. The user has left the message group."};
}

/// `"name":[…]`, with what `append_one` writes for each of `items`.
template <class Items, class AppendOne>
void append_list(std::string& out, std::string_view name, const Items& items, AppendOne&& append_one) {
    append_key(out, name);
    out += '[';
    for (const auto& item : items) {
        if (out.back() != '[') out += ',';
        append_one(item);
    }
    out += ']';
}

void append_row(std::string& out, const GroupRow& row) {
    out += '{';
    append_member(out, "group", row.group);
    append_member(out, "number_of_users", row.number_of_users);
    out += '}';
}
void append_row(std::string& out, const UserRow& row) {
    out += '{';
    append_member(out, "user_id", row.user_id);
    append_member(out, "cid", row.cid);
    out += '}';
}
template <class Row>
void append_rows(std::string& out, const std::vector<Row>& rows) {
    append_list(out, "list", rows, [&](const Row& row) { append_row(out, row); });
}

template <class Row>
void append_any_page(std::string& out, const std::vector<Row>& rows, std::string_view cursor) {
    out += '{';
    append_rows(out, rows);
    if (cursor.empty()) {
        append_member(out, "startKey", "end");
    } else {
        append_key(out, "startKey");
        out += '{';
        append_member(out, "cursor", cursor);
        out += '}';
    }
    out += '}';
}

void append_version(std::string& out, const WatchState& state) {
    append_member(out, "watch", state.watch);
    append_member(out, "version", state.version);
}

template <class Row>
void append_any_watching(std::string& out, std::uint64_t id, const WatchState& state,
                         const std::vector<Row>& rows) {
    begin_ok(out, id);
    append_version(out, state);
    append_rows(out, rows);
    append_member(out, "endOfList", Flag{state.end_of_list});
    end_ok(out);
}

template <class Row>
void append_any_watch_event(std::string& out, const WatchState& state, const ListChange<Row>& change) {
    out += "{\"ev\":\"watch\"";
    append_version(out, state);
    append_list(out, "gone", change.gone, [&](const std::string& key) { append_json_string(out, key); });
    append_list(out, "put", change.put, [&](const std::pair<std::size_t, Row>& put) {
        out += '[';
        append_number(out, put.first);
        out += ',';
        append_row(out, put.second);
        out += ']';
    });
    append_member(out, "endOfList", Flag{state.end_of_list});
    out += '}';
}

}  // namespace

void append_welcome(std::string& out, std::uint64_t id, const Welcome& welcome) {
    begin_ok(out, id);
    append_member(out, "user", welcome.user);
    append_member(out, "cid", welcome.cid);
    append_member(out, "resumed", Flag{welcome.resumed});
    append_member(out, "server", welcome.server);
    append_member(out, "token_expires_in_ms", welcome.token_expires_in_ms);
    append_member(out, "ping_interval_ms", welcome.ping_interval_ms);
    append_member(out, "pong_timeout_ms", welcome.pong_timeout_ms);
    append_key(out, "limits");
    out += '{';
    append_member(out, "message_bytes", welcome.message_bytes);
    append_member(out, "commands_per_second", welcome.commands_per_second);
    append_member(out, "commands_burst", welcome.commands_burst);
    append_member(out, "group_name_bytes", welcome.group_name_bytes);
    append_member(out, "user_id_bytes", welcome.user_id_bytes);
    append_member(out, "key_window_ms", welcome.key_window_ms);
    out += '}';
    append_key(out, "stream");
    out += '{';
    append_stream(out, welcome.stream);
    out += '}';
    end_ok(out);
}

void append_refreshed(std::string& out, std::uint64_t id, std::uint64_t token_expires_in_ms) {
    begin_ok(out, id);
    append_member(out, "token_expires_in_ms", token_expires_in_ms);
    end_ok(out);
}

void append_joined(std::string& out, std::uint64_t id, std::string_view group, const StreamState& stream) {
    begin_ok(out, id);
    append_member(out, "group", group);
    append_member(out, "message", fmt::format("Joined realtime message group: \"{}\".", group));
    append_stream(out, stream);
    end_ok(out);
}

void append_left(std::string& out, std::uint64_t id) {
    begin_ok(out, id);
    append_no_group(out);
    append_member(out, "message", "Left realtime message group.");
    end_ok(out);
}

void append_posted(std::string& out, std::uint64_t id, std::string_view epoch, std::uint64_t offset) {
    begin_envelope(out, id, "ok");
    append_position(out, epoch, offset);
    out += '}';
}

void append_position(std::string& out, std::string_view epoch, std::uint64_t offset) {
    out += '{';
    if (!epoch.empty()) {
        append_member(out, "epoch", epoch);
        append_member(out, "offset", offset);
    }
    out += '}';
}

void append_error(std::string& out, std::uint64_t id, ErrorReason reason, std::string_view message,
                  std::uint64_t retry_after_ms) {
    begin_envelope(out, id, "error");
    append_error_content(out, reason, message, retry_after_ms);
    out += '}';
}

void append_join_refused(std::string& out, std::uint64_t id, ErrorReason reason) {
    begin_envelope(out, id, "error");
    append_error_content(out, reason);
    out.pop_back();
    append_no_group(out);
    out += "}}";
}

void append_error_content(std::string& out, ErrorReason reason, std::string_view message,
                          std::uint64_t retry_after_ms) {
    const ErrorInfo& error = info(reason);
    out += '{';
    append_member(out, "code", error.code);
    append_member(out, "reason", error.reason);
    append_member(out, "message", message.empty() ? error.message : message);
    append_member(out, "retry", Flag{error.retry});
    if (retry_after_ms > 0) append_member(out, "retry_after_ms", retry_after_ms);
    out += '}';
}

void append_ok(std::string& out, std::uint64_t id, std::string_view content) {
    begin_envelope(out, id, "ok");
    out.append(content).append(1, '}');
}

void append_page(std::string& out, const GroupRows& rows, std::string_view cursor) {
    append_any_page(out, rows, cursor);
}
void append_page(std::string& out, const UserRows& rows, std::string_view cursor) {
    append_any_page(out, rows, cursor);
}

void append_watching(std::string& out, std::uint64_t id, const WatchState& state, const GroupRows& rows) {
    append_any_watching(out, id, state, rows);
}
void append_watching(std::string& out, std::uint64_t id, const WatchState& state, const UserRows& rows) {
    append_any_watching(out, id, state, rows);
}

void append_watch_event(std::string& out, const WatchState& state, const ListChange<GroupRow>& change) {
    append_any_watch_event(out, state, change);
}
void append_watch_event(std::string& out, const WatchState& state, const ListChange<UserRow>& change) {
    append_any_watch_event(out, state, change);
}

void append_unwatched_event(std::string& out, std::string_view watch) {
    out += "{\"ev\":\"unwatched\"";
    append_member(out, "watch", watch);
    out += '}';
}

void append_message(std::string& out, std::string_view group, std::uint64_t offset, Sender sender,
                    std::string_view data) {
    out += "{\"ev\":\"message\"";
    append_member(out, "group", group);
    append_member(out, "offset", offset);
    append_sender(out, sender);
    append_data(out, data);
}

std::string_view message_row(std::string_view message) {
    // No name that is written as JSON contains this, for its quotes are escaped.
    constexpr std::string_view before = "\",";
    const std::size_t row = message.find("\",\"offset\":");
    return row == std::string_view::npos ? std::string_view() : message.substr(row + before.size());
}

void append_history(std::string& out, const std::vector<HistoryRow>& rows, std::string_view epoch,
                    std::optional<std::uint64_t> older_than) {
    out += '{';
    append_list(out, "list", rows, [&](const HistoryRow& row) {
        out += '{';
        out.append(row.row.substr(0, row.row.size() - 1));
        append_member(out, "age_ms", row.age_ms);
        out += '}';
    });
    append_member(out, "epoch", epoch);
    if (older_than) {
        append_key(out, "startKey");
        out += '{';
        append_member(out, "epoch", epoch);
        append_member(out, "offset", *older_than);
        out += '}';
    } else {
        append_member(out, "startKey", "end");
    }
    out += '}';
}

void append_private(std::string& out, std::optional<std::uint64_t> offset, Sender sender,
                    std::string_view data) {
    out += "{\"ev\":\"private\"";
    if (offset) append_member(out, "offset", *offset);
    append_sender(out, sender);
    append_data(out, data);
}

void append_notice(std::string& out, std::string_view group, std::uint64_t offset, NoticeCode code,
                   Sender about) {
    const NoticeText text = text_of(code);
    out += "{\"ev\":\"notice\"";
    append_member(out, "group", group);
    append_member(out, "offset", offset);
    append_member(out, "code", text.code);
    append_sender(out, about);
    append_member(out, "message", fmt::format("User \"{}{}", about.user, text.after_user));
    out += '}';
}

void append_calling(std::string& out, std::uint64_t id, std::string_view call, std::uint64_t devices,
                    std::uint64_t ring_timeout_ms) {
    begin_ok(out, id);
    append_member(out, "call", call);
    append_member(out, "devices", devices);
    append_member(out, "ring_timeout_ms", ring_timeout_ms);
    end_ok(out);
}

void append_call_accepted(std::string& out, std::uint64_t id, std::string_view ticket) {
    begin_ok(out, id);
    append_member(out, "ticket", ticket);
    end_ok(out);
}

void append_reattached(std::string& out, std::uint64_t id, std::string_view call,
                       std::optional<Sender> peer) {
    begin_ok(out, id);
    append_member(out, "call", call);
    append_key(out, "peer");
    if (peer) {
        out += '{';
        append_sender(out, *peer);
        out += '}';
    } else {
        out += "null";
    }
    end_ok(out);
}

void append_ring_event(std::string& out, std::string_view call, Sender caller, std::uint64_t expires_in_ms,
                       std::string_view data) {
    out += "{\"ev\":\"ring\"";
    append_member(out, "call", call);
    append_sender(out, caller);
    append_member(out, "expires_in_ms", expires_in_ms);
    append_data(out, data);
}

void append_accepted_event(std::string& out, std::string_view call, Sender peer, std::string_view ticket,
                           std::string_view data) {
    out += "{\"ev\":\"accepted\"";
    append_member(out, "call", call);
    append_sender(out, peer);
    append_member(out, "ticket", ticket);
    append_data(out, data);
}

void append_signal_event(std::string& out, std::string_view call, std::string_view data) {
    out += "{\"ev\":\"signal\"";
    append_member(out, "call", call);
    append_data(out, data);
}

void append_peer_event(std::string& out, std::string_view call, std::optional<Sender> here) {
    out += "{\"ev\":\"peer\"";
    append_member(out, "call", call);
    append_member(out, "state", here ? "here" : "away");
    if (here) append_sender(out, *here);
    out += '}';
}

void append_ended_event(std::string& out, std::string_view call, CallEnd reason) {
    constexpr std::array<std::string_view, 9> names{"answered_elsewhere",
                                                    "rejected",
                                                    "cancelled",
                                                    "timeout",
                                                    "unreachable",
                                                    "busy",
                                                    "lost",
                                                    "hung_up",
                                                    "moved"};
    out += "{\"ev\":\"ended\"";
    append_member(out, "call", call);
    append_member(out, "reason", names[static_cast<std::size_t>(reason)]);
    out += '}';
}

void append_vapid_key(std::string& out, std::string_view public_key) {
    out += '{';
    append_member(out, "VAPIDPublicKey", public_key);
    out += '}';
}

void append_subscribed(std::string& out) {
    out += R"({"message":"SUCCESS: Subscribed to receive notifications."})";
}

void append_unsubscribed(std::string& out) {
    out += R"({"message":"SUCCESS: Unsubscribed from notifications."})";
}

void append_push_started(std::string& out, std::uint64_t push) {
    out += '{';
    append_member(out, "push", fmt::to_string(push));
    append_member(out, "message", "SUCCESS: Notification sent.");
    out += '}';
}

void append_push_progress(std::string& out, const PushProgress& progress) {
    out += '{';
    append_member(out, "reached", progress.reached);
    append_member(out, "waiting", progress.waiting);
    append_member(out, "delivered", progress.delivered);
    append_member(out, "gone", progress.gone);
    append_member(out, "refused", progress.refused);
    append_member(out, "expired", progress.expired);
    append_member(out, "finished", Flag{progress.finished});
    out += '}';
}

void append_token_event(std::string& out, std::uint64_t expires_in_ms) {
    out += "{\"ev\":\"token\"";
    append_member(out, "expires_in_ms", expires_in_ms);
    out += '}';
}

void append_drain_event(std::string& out, std::uint64_t reconnect_in_ms) {
    out += "{\"ev\":\"drain\"";
    append_member(out, "reconnect_in_ms", reconnect_in_ms);
    out += '}';
}

}  // namespace pipit::codec::v1
