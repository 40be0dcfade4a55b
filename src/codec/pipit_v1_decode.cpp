#include <array>

#include <fmt/format.h>

#include "codec/json_scan.hpp"
#include "codec/names.hpp"
#include "codec/pipit_v1.hpp"

namespace pipit::codec::v1 {
namespace {

constexpr std::size_t kClientNameBytesMax = 64;
constexpr std::size_t kPostKeyBytesMax = 64;

constexpr std::string_view name_of(JsonKind kind) {
    constexpr std::array<std::string_view, 6> names{"object", "array", "string", "number", "boolean", "null"};
    return names[static_cast<std::size_t>(kind)];
}

Refused wrong(std::string message) {
    return {ErrorReason::invalid_parameter, std::move(message)};
}

/// Calls `use` with what the inside of a JSON string says. Hardly any name is written with escapes, so that
/// costs nothing; one that no UTF-8 can express is no name of ours.
template <class Use>
void with_unescaped(std::string_view content, Use&& use) {
    if (content.find('\\') == std::string_view::npos) {
        use(content);
    } else if (const auto text = unescape_json_string(content)) {
        use(std::string_view(*text));
    }
}

/// The members of a command that mean something. A repeated one counts as it was written last.
struct Members {
    std::optional<JsonMember> id, op, token, client, group, to, data, key;

    void take(const JsonMember& member) {
        constexpr std::array<std::pair<std::string_view, std::optional<JsonMember> Members::*>, 8> known{{
            {"id", &Members::id},
            {"op", &Members::op},
            {"token", &Members::token},
            {"client", &Members::client},
            {"group", &Members::group},
            {"to", &Members::to},
            {"data", &Members::data},
            {"key", &Members::key},
        }};
        with_unescaped(member.key, [&](std::string_view written) {
            for (const auto& [name, field] : known) {
                if (written == name) this->*field = member;
            }
        });
    }
};

/// A text argument. Writes to `refused` when it is missing, of another kind, or not 1 to `bytes_max` bytes of
/// UTF-8 without control characters.
std::string take_name(std::string_view argument, const std::optional<JsonMember>& member,
                      std::size_t bytes_max, std::optional<Refused>& refused) {
    if (!member) {
        refused = wrong(
            fmt::format("\"{}\" is missing: a string of 1 to {} bytes is needed.", argument, bytes_max));
        return {};
    }
    if (member->kind != JsonKind::string) {
        refused = wrong(fmt::format("\"{}\" must be a string, not {}.", argument, name_of(member->kind)));
        return {};
    }
    auto text = unescape_json_string(member->string_content());
    if (!text || !is_valid_name(*text, bytes_max)) {
        refused = wrong(fmt::format("\"{}\" must have 1 to {} bytes of UTF-8 without control characters.",
                                    argument, bytes_max));
        return {};
    }
    return std::move(*text);
}

Recipient take_recipient(const std::optional<JsonMember>& to, const DecodeLimits& limits,
                         std::optional<Refused>& refused) {
    using Kind = Recipient::Kind;
    constexpr std::string_view allowed =
        "\"to\" must be a string, or an object with exactly one of \"group\", \"user\" and \"cid\".";
    const std::size_t any_name_bytes_max = std::max(limits.group_name_bytes_max, limits.user_id_bytes_max);
    if (to && to->kind == JsonKind::string)
        return {Kind::unsaid, take_name("to", to, any_name_bytes_max, refused)};
    if (!to || to->kind != JsonKind::object) {
        refused = wrong(std::string(allowed));
        return {};
    }
    Recipient recipient;
    std::size_t members = 0;
    scan_object(to->value, limits.json_depth_max, [&](const JsonMember& member) {
        if (members++ > 0) return;
        with_unescaped(member.key, [&](std::string_view key) {
            if (key == "group") {
                recipient = {Kind::group,
                             take_name("to.group", member, limits.group_name_bytes_max, refused)};
            } else if (key == "user") {
                recipient = {Kind::user, take_name("to.user", member, limits.user_id_bytes_max, refused)};
            } else if (key == "cid") {
                recipient = {Kind::cid, take_name("to.cid", member, any_name_bytes_max, refused)};
            }
        });
    });
    if (members != 1 || (recipient.kind == Kind::unsaid && !refused)) refused = wrong(std::string(allowed));
    return recipient;
}

using What = decltype(Command::what);

What decode_what(std::string_view op, const Members& members, const DecodeLimits& limits) {
    std::optional<Refused> refused;
    What what = Leave{};
    if (op == "post") {
        Post post{take_recipient(members.to, limits, refused), members.data ? members.data->value : "null"};
        if (members.key && !refused) take_name("key", members.key, kPostKeyBytesMax, refused);
        what = std::move(post);
    } else if (op == "join") {
        what = Join{take_name("group", members.group, limits.group_name_bytes_max, refused)};
    } else if (op == "connect") {
        Connect connect;
        if (members.token) connect.token = take_name("token", members.token, limits.token_bytes_max, refused);
        if (members.client && !refused) {
            connect.client = take_name("client", members.client, kClientNameBytesMax, refused);
        }
        what = std::move(connect);
    } else if (op == "refresh") {
        what = Refresh{take_name("token", members.token, limits.token_bytes_max, refused)};
    } else if (op != "leave") {
        return Refused{ErrorReason::unknown_command, {}};
    }
    if (!refused) return what;
    refused->is_connect = op == "connect";
    return std::move(*refused);
}

}  // namespace

Decoded decode(std::string_view text, const DecodeLimits& limits) {
    if (text == "{}") return Heartbeat{};
    Members members;
    std::size_t count = 0;
    const JsonVerdict verdict = scan_object(text, limits.json_depth_max, [&](const JsonMember& member) {
        ++count;
        members.take(member);
    });
    if (!verdict)
        return Undecodable{fmt::format("not a JSON object: {} at byte {}", verdict.reason, verdict.position)};
    if (count == 0) return Heartbeat{};
    const auto id = members.id && members.id->kind == JsonKind::number ? parse_json_uint53(members.id->value)
                                                                       : std::nullopt;
    if (!id || *id == 0) return Undecodable{"\"id\" must be a whole number from 1 to 2^53-1"};
    if (!members.op || members.op->kind != JsonKind::string) return Undecodable{"\"op\" must be a string"};
    Command command{*id, Refused{ErrorReason::unknown_command, {}}};
    with_unescaped(members.op->string_content(),
                   [&](std::string_view op) { command.what = decode_what(op, members, limits); });
    return command;
}

}  // namespace pipit::codec::v1
