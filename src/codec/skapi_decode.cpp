#include <array>
#include <optional>

#include <fmt/format.h>

#include "codec/json_members.hpp"
#include "codec/notification.hpp"
#include "codec/skapi_message.hpp"

namespace pipit::codec::skapi {
namespace {

// More than any connection id has.
constexpr std::size_t kCidBytesMax = 64;
constexpr std::string_view kCidPrefix = "cid:";

bool is_string(const Argument& member) {
    return member && member->kind == JsonKind::string;
}
BadMessage bad(std::string_view why) {
    return {fmt::format("INVALID_PARAMETER: {}", why)};
}

Message take_join(const Argument& group) {
    if (group && group->kind == JsonKind::null) return JoinRoom{};
    if (!is_string(group)) return bad("\"rid\" must be the name of a group, or null.");
    return JoinRoom{group->string_content().empty() ? std::string_view() : group->value};
}

/// `always` of a notificationConfig; nothing when it is malformed.
std::optional<bool> take_always(const Argument& config, unsigned json_depth_max) {
    if (is_missing(config)) return false;
    if (config->kind != JsonKind::object) return std::nullopt;
    const auto [always] = find_members(config->value, json_depth_max, {"always"});
    if (is_missing(always)) return false;
    if (always->kind != JsonKind::boolean) return std::nullopt;
    return always->value == "true";
}

/// The client writes a notification as JSON in a string. Only its title and its body are taken: it sends
/// nothing else, and so no more is nested in the command than the hub takes.
std::optional<BadMessage> take_notification(const Argument& notification, const Argument& config,
                                            unsigned json_depth_max, std::string& taken) {
    if (is_missing(notification)) return std::nullopt;
    const auto text = string_value(notification);
    if (!text) return bad("\"notification\" must be a string without lone surrogates.");
    if (text->empty()) return std::nullopt;
    if (const auto parsed = parse_notification(*text); !parsed) return bad(parsed.error().message);
    const auto always = take_always(config, json_depth_max);
    if (!always)
        return bad("\"notificationConfig\" must be an object, and its \"always\" must be true or false.");
    const auto [title, body] = find_members(*text, kNotificationNestingMax, {"title", "body"});
    taken = fmt::format(R"({{"title":{},"body":{},"config":{{"always":{}}}}})", title->value, body->value,
                        *always);
    return std::nullopt;
}

Message take_rtc(const Argument& to, const Argument& content, unsigned json_depth_max) {
    auto cid = string_value(to);
    if (!cid || !cid->starts_with(kCidPrefix) || cid->size() > kCidBytesMax)
        return bad("\"uid\" must be a connection id.");
    if (!content || content->kind != JsonKind::object) return bad("\"content\" must be an object.");
    const auto [offer, answer, candidate, pickup, hungup] = find_members(
        content->value, json_depth_max, {"sdpoffer", "sdpanswer", "candidate", "pickup", "hungup"});
    using What = Rtc::What;
    if (hungup) return Rtc{std::move(*cid), What::hungup, {}};
    if (pickup) return Rtc{std::move(*cid), What::pickup, {}};
    if (offer || answer) {
        const Description description = read_description((offer ? offer : answer)->value);
        if (description.sdp.empty() || description.is_offer != offer.has_value())
            return bad("\"sdpoffer\" and \"sdpanswer\" must be an object with that \"type\" and an \"sdp\".");
        return Rtc{std::move(*cid), offer ? What::offer : What::answer, description.sdp};
    }
    if (candidate && candidate->kind == JsonKind::object)
        return Rtc{std::move(*cid), What::candidate, candidate->value};
    return bad("\"content\" must have one of sdpoffer, sdpanswer, candidate, pickup and hungup.");
}

}  // namespace

Description read_description(std::string_view value) {
    const auto [type, sdp] = find_members(value, kJsonDepthLimit, {"type", "sdp"});
    const auto name = string_value(type);
    if (!is_string(sdp) || (name != "offer" && name != "answer")) return {};
    return {name == "offer", sdp->value};
}

Message decode(std::string_view text, unsigned json_depth_max) {
    constexpr std::string_view kNames[] = {"action",       "rid",     "uid",
                                           "notification", "content", "notificationConfig"};
    std::array<Argument, std::size(kNames)> members;
    const JsonVerdict verdict = scan_for_members(text, json_depth_max, kNames, members);
    if (!verdict)
        return bad(fmt::format("Not a JSON object: {} at byte {}.", verdict.reason, verdict.position));
    const auto& [action_member, rid, uid, notification, content, config] = members;
    const auto action = string_value(action_member);
    if (action == "keepAlive") return KeepAlive{};
    if (action == "joinRoom") return take_join(rid);
    if (action == "rtc") return take_rtc(uid, content, json_depth_max);
    const bool is_private = action == "sendMessage";
    if (!is_private && action != "broadcast") {
        return BadMessage{
            "INVALID_REQUEST: Unknown action. Allowed: keepAlive, joinRoom, sendMessage, broadcast, rtc."};
    }
    const Argument& recipient = is_private ? uid : rid;
    if (!is_string(recipient))
        return bad(fmt::format("\"{}\" must be {}.", is_private ? "uid" : "rid",
                               is_private ? "a user id" : "the name of a group"));
    // What JavaScript calls undefined is left out.
    Send send{is_private ? Send::To::user : Send::To::group,
              recipient->value,
              content ? content->value : "null",
              {}};
    if (auto refused = take_notification(notification, config, json_depth_max, send.notification))
        return std::move(*refused);
    return send;
}

}  // namespace pipit::codec::skapi
