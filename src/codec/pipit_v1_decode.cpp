#include "codec/pipit_v1_decode.hpp"

#include <algorithm>

#include "codec/names.hpp"

namespace pipit::codec::v1 {
namespace {

constexpr std::size_t kClientNameBytesMax = 64;
constexpr std::size_t kSessionBytesMax = 64;
constexpr std::size_t kPostKeyBytesMax = 64;
constexpr std::size_t kEpochBytesMax = 64;

// Found while the command is validated: what every command has, and what a post has, for nearly everything
// that is sent is one. The other commands look up their own members afterwards.
constexpr std::string_view kFirstNames[] = {"id", "op", "to", "data", "key", "notification"};
using FirstMembers = std::array<Argument, std::size(kFirstNames)>;

Connect take_connect(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [token, client, session, since] =
        find_members(command, limits, {"token", "client", "session", "since"});
    Connect connect;
    if (token) connect.token = take_name("token", token, limits.token_bytes_max, refusal);
    if (client) connect.client = take_name("client", client, kClientNameBytesMax, refusal);
    if (session) connect.session = take_name("session", session, kSessionBytesMax, refusal);
    connect.since = take_position("since", since, limits, refusal);
    return connect;
}

Refresh take_refresh(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [token] = find_members(command, limits, {"token"});
    return {take_name("token", token, limits.token_bytes_max, refusal)};
}

Join take_join(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [group, since] = find_members(command, limits, {"group", "since"});
    return {take_name("group", group, limits.group_name_bytes_max, refusal),
            take_position("since", since, limits, refusal)};
}

using What = decltype(Command::what);

What decode_what(std::string_view op, std::string_view command, const FirstMembers& members,
                 const DecodeLimits& limits) {
    const auto& [id_member, op_member, to, data, key, notification] = members;
    Refusal refusal;
    What what = Leave{};
    if (op == "post") {
        what = Post{take_recipient(to, limits, refusal), data ? data->value : "null",
                    take_notification(notification, refusal),
                    key ? take_name("key", key, kPostKeyBytesMax, refusal) : std::string()};
    } else if (op == "join") {
        what = take_join(command, limits, refusal);
    } else if (op == "connect") {
        what = take_connect(command, limits, refusal);
    } else if (op == "refresh") {
        what = take_refresh(command, limits, refusal);
    } else if (op == "groups") {
        what = take_groups(command, limits, Paging::kLimitMax, refusal);
    } else if (op == "users") {
        what = take_users(command, limits, Paging::kLimitMax, refusal);
    } else if (op == "history") {
        what = take_history(command, limits, refusal);
    } else if (op == "watch") {
        what = take_watch(command, limits, refusal);
    } else if (op == "unwatch") {
        what = take_unwatch(command, limits, refusal);
    } else if (op == "signal") {
        what = take_signal(command, data, limits, refusal);
    } else if (op == "call") {
        what = take_call(to, data, limits, refusal);
    } else if (op == "accept") {
        what = take_accept(command, data, limits, refusal);
    } else if (op == "hangup") {
        what = take_hangup(command, limits, refusal);
    } else if (op == "reattach") {
        what = take_reattach(command, limits, refusal);
    } else if (op == "ice") {
        what = Ice{};
    } else if (op == "vapid") {
        what = VapidKey{};
    } else if (op == "subscribe") {
        what = take_subscribe(command, limits, refusal);
    } else if (op == "unsubscribe") {
        what = take_unsubscribe(command, limits, refusal);
    } else if (op == "resubscribe") {
        what = take_resubscribe(command, limits, refusal);
    } else if (op == "push") {
        what = take_push(command, notification, limits, refusal);
    } else if (op == "pushed") {
        what = take_pushed(command, limits, refusal);
    } else if (op != "leave") {
        return Refused{ErrorReason::unknown_command, {}};
    }
    if (!refusal) return what;
    refusal->is_connect = op == "connect";
    return std::move(*refusal);
}

}  // namespace

Recipient take_recipient(const Argument& to, const DecodeLimits& limits, Refusal& refusal) {
    using Kind = Recipient::Kind;
    constexpr std::string_view allowed =
        "\"to\" must be a string, or an object with exactly one of \"group\", \"user\" and \"cid\".";
    const std::size_t any_name_bytes_max = std::max(limits.group_name_bytes_max, limits.user_id_bytes_max);
    if (to && to->kind == JsonKind::string)
        return {Kind::unsaid, take_name("to", to, any_name_bytes_max, refusal)};
    if (!to || to->kind != JsonKind::object) {
        refuse(refusal, "{}", allowed);
        return {};
    }
    Argument only;
    std::size_t count = 0;
    scan_object(to->value, limits.json_depth_max, [&](const JsonMember& member) {
        ++count;
        only = member;
    });
    Recipient recipient;
    if (count == 1) {
        with_unescaped(only->key, [&](std::string_view key) {
            if (key == "group") {
                recipient = {Kind::group, take_name("to.group", only, limits.group_name_bytes_max, refusal)};
            } else if (key == "user") {
                recipient = {Kind::user, take_name("to.user", only, limits.user_id_bytes_max, refusal)};
            } else if (key == "cid") {
                recipient = {Kind::cid, take_name("to.cid", only, any_name_bytes_max, refusal)};
            }
        });
    }
    if (recipient.kind == Kind::unsaid) refuse(refusal, "{}", allowed);
    return recipient;
}

std::optional<Position> take_position(std::string_view argument, const Argument& member,
                                      const DecodeLimits& limits, Refusal& refusal) {
    if (!member) return std::nullopt;
    if (member->kind == JsonKind::object) {
        const auto [epoch, offset] = find_members(member->value, limits, {"epoch", "offset"});
        const auto number =
            offset && offset->kind == JsonKind::number ? parse_json_uint53(offset->value) : std::nullopt;
        Refusal wrong_epoch;
        std::string text = take_name("epoch", epoch, kEpochBytesMax, wrong_epoch);
        if (number && !wrong_epoch) return Position{std::move(text), *number};
    }
    refuse(
        refusal,
        "\"{}\" must be an object with an \"epoch\", a string of 1 to {} bytes, and an \"offset\", a whole "
        "number from 0 to 2^53-1.",
        argument, kEpochBytesMax);
    return std::nullopt;
}

std::string_view name_of(JsonKind kind) {
    constexpr std::array<std::string_view, 6> names{"an object", "an array",  "a string",
                                                    "a number",  "a boolean", "null"};
    return names[static_cast<std::size_t>(kind)];
}

std::string take_name(std::string_view argument, const Argument& member, std::size_t bytes_max,
                      Refusal& refusal) {
    if (!member) {
        refuse(refusal, "\"{}\" is missing: a string of 1 to {} bytes is needed.", argument, bytes_max);
        return {};
    }
    if (member->kind != JsonKind::string) {
        refuse(refusal, "\"{}\" must be a string, not {}.", argument, name_of(member->kind));
        return {};
    }
    auto text = unescape_json_string(member->string_content());
    if (!text || !is_valid_name(*text, bytes_max)) {
        refuse(refusal, "\"{}\" must have 1 to {} bytes of UTF-8 without control characters.", argument,
               bytes_max);
        return {};
    }
    return std::move(*text);
}

Decoded decode(std::string_view text, const DecodeLimits& limits) {
    if (text == "{}") return Heartbeat{};
    FirstMembers members;
    std::size_t count = 0;
    const JsonVerdict verdict = scan_object(text, limits.json_depth_max, [&](const JsonMember& member) {
        ++count;
        keep(member, kFirstNames, members);
    });
    if (!verdict)
        return Undecodable{fmt::format("not a JSON object: {} at byte {}", verdict.reason, verdict.position)};
    if (count == 0) return Heartbeat{};
    const Argument& id_member = members[0];
    const Argument& op_member = members[1];
    const auto id =
        id_member && id_member->kind == JsonKind::number ? parse_json_uint53(id_member->value) : std::nullopt;
    if (!id || *id == 0) return Undecodable{"\"id\" must be a whole number from 1 to 2^53-1"};
    if (!op_member || op_member->kind != JsonKind::string) return Undecodable{"\"op\" must be a string"};
    Command command{*id, Refused{ErrorReason::unknown_command, {}}};
    with_unescaped(op_member->string_content(),
                   [&](std::string_view op) { command.what = decode_what(op, text, members, limits); });
    return command;
}

}  // namespace pipit::codec::v1
