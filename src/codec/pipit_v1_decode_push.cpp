#include <charconv>

#include "codec/pipit_v1_decode.hpp"

namespace pipit::codec::v1 {
namespace {

// More than any of them may have, so that the one who knows what they are refuses them with a better reason.
constexpr std::size_t kEndpointBytesMax = 4'096;
constexpr std::size_t kKeyBytesMax = 256;
constexpr std::size_t kPushBytesMax = 64;

/// The members of an object that must be there, under the name `argument`.
template <std::size_t N>
std::array<Argument, N> members_of(std::string_view argument, const Argument& object,
                                   const DecodeLimits& limits, const std::string_view (&names)[N],
                                   Refusal& refusal) {
    if (object && object->kind == JsonKind::object) return find_members(object->value, limits, names);
    refuse(refusal, "\"{}\" must be an object{}{}.", argument, object ? ", not " : "",
           object ? name_of(object->kind) : "");
    return {};
}

Subscribe take_subscription(const Argument& endpoint, const Argument& keys, const Argument& vapid,
                            const DecodeLimits& limits, Refusal& refusal) {
    Subscribe subscribe;
    subscribe.endpoint = take_name("endpoint", endpoint, kEndpointBytesMax, refusal);
    const auto [p256dh, auth] = members_of("keys", keys, limits, {"p256dh", "auth"}, refusal);
    subscribe.p256dh = take_name("keys.p256dh", p256dh, kKeyBytesMax, refusal);
    subscribe.auth = take_name("keys.auth", auth, kKeyBytesMax, refusal);
    if (!is_missing(vapid)) subscribe.vapid = take_name("vapid", vapid, kKeyBytesMax, refusal);
    return subscribe;
}

/// An array of at least one user id.
std::vector<std::string> take_users(const JsonMember& given, const DecodeLimits& limits, Refusal& refusal) {
    std::vector<std::string> users;
    scan_array(given.value, limits.json_depth_max, [&](const JsonMember& user) {
        const std::string argument = fmt::format("users[{}]", users.size());
        users.push_back(take_name(argument, user, limits.user_id_bytes_max, refusal));
    });
    if (users.empty()) refuse(refusal, "\"users\" must be an array of at least one user id.");
    return users;
}

}  // namespace

std::optional<Notification> take_notification(const Argument& notification, Refusal& refusal) {
    if (is_missing(notification)) return std::nullopt;
    auto parsed = parse_notification(notification->value);
    if (parsed) return std::move(*parsed);
    refuse(refusal, "{}", parsed.error().message);
    return std::nullopt;
}

Subscribe take_subscribe(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [endpoint, keys, vapid] = find_members(command, limits, {"endpoint", "keys", "vapid"});
    return take_subscription(endpoint, keys, vapid, limits, refusal);
}

Unsubscribe take_unsubscribe(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [endpoint] = find_members(command, limits, {"endpoint"});
    return {take_name("endpoint", endpoint, kEndpointBytesMax, refusal)};
}

Resubscribe take_resubscribe(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [old, endpoint, keys, vapid] =
        find_members(command, limits, {"old", "endpoint", "keys", "vapid"});
    const auto [old_endpoint, old_auth] = members_of("old", old, limits, {"endpoint", "auth"}, refusal);
    return {take_name("old.endpoint", old_endpoint, kEndpointBytesMax, refusal),
            take_name("old.auth", old_auth, kKeyBytesMax, refusal),
            take_subscription(endpoint, keys, vapid, limits, refusal)};
}

Push take_push(std::string_view command, const Argument& notification, const DecodeLimits& limits,
               Refusal& refusal) {
    Push push;
    if (auto taken = take_notification(notification, refusal)) {
        push.notification = std::move(*taken);
    } else {
        refuse(refusal, "\"notification\" is missing: an object with a \"title\" and a \"body\" is needed.");
    }
    const auto [users, everyone] = find_members(command, limits, {"users", "everyone"});
    // Members that are not known are passed over, so a misspelt "users" must not come to mean everyone.
    const bool says_users = !is_missing(users);
    const bool says_everyone = !is_missing(everyone);
    if (says_users == says_everyone || (says_everyone && everyone->value != "true")) {
        refuse(refusal,
               "Whom \"push\" is for must be said by exactly one of \"users\", an array of at least one user "
               "id, and \"everyone\": true.");
    }
    if (says_users) push.users = take_users(*users, limits, refusal);
    return push;
}

Pushed take_pushed(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [push] = find_members(command, limits, {"push"});
    const std::string text = take_name("push", push, kPushBytesMax, refusal);
    Pushed pushed;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pushed.push);
    if (error != std::errc() || end != text.data() + text.size()) pushed.push = 0;
    return pushed;
}

}  // namespace pipit::codec::v1
