#include "codec/notification.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "codec/json_members.hpp"
#include "codec/utf8.hpp"

namespace pipit::codec {
namespace {

struct Members {
    std::optional<std::string> title;
    std::optional<std::string> body;
    Argument config;
    std::string rewritten = "{";
};

void take(Members& members, const JsonMember& member) {
    // Names are compared unescaped and the last of a name counts, as JSON.parse has it: what is measured is
    // what will be shown.
    const auto key = unescape_json_string(member.key);
    if (key == "config") {
        members.config = member;
        return;
    }
    if (key == "title") members.title = string_value(member);
    if (key == "body") members.body = string_value(member);
    if (members.rewritten.size() > 1) members.rewritten += ',';
    members.rewritten.append(1, '"').append(member.key).append("\":").append(member.value);
}

/// As much of a name as an answer quotes, as it was written: it may have halves of surrogate pairs.
std::string_view quoted(std::string_view name) {
    constexpr std::size_t kBytesMax = 64;
    name = name.substr(0, kBytesMax);
    while (!is_valid_utf8(name))
        name.remove_suffix(1);
    return name;
}

struct Config {
    Notification& notification;
    std::string fault = {};

    void take(const JsonMember& member) {
        const auto key = unescape_json_string(member.key);
        if (key == "always") return take_known(member, &Config::take_always);
        if (key == "ttl") return take_known(member, &Config::take_ttl);
        if (key == "urgency") return take_known(member, &Config::take_urgency);
        if (key == "topic") return take_known(member, &Config::take_topic);
        fault = fmt::format(
            "\"{}\" is no member of \"notification.config\". Allowed: always, ttl, urgency, topic.",
            quoted(member.key));
    }

 private:
    void take_known(const JsonMember& member, void (Config::*take_value)(const JsonMember&)) {
        if (member.kind != JsonKind::null) (this->*take_value)(member);
    }
    void take_always(const JsonMember& member) {
        notification.always = member.value == "true";
        if (member.kind != JsonKind::boolean)
            fault = "\"notification.config\": \"always\" must be true or false.";
    }
    void take_ttl(const JsonMember& member) {
        const auto seconds = member.kind == JsonKind::number ? parse_json_uint53(member.value) : std::nullopt;
        notification.delivery.ttl_s = seconds ? static_cast<std::int64_t>(*seconds) : -1;
    }
    void take_urgency(const JsonMember& member) {
        const auto urgency = urgency_from_name(string_value(member).value_or(std::string()));
        if (urgency) notification.delivery.urgency = *urgency;
        if (!urgency) {
            fault =
                "\"notification.config\": \"urgency\" must be \"very-low\", \"low\", \"normal\" or \"high\".";
        }
    }
    void take_topic(const JsonMember& member) {
        // What is no text has no valid form either.
        const std::string none = " ";
        const std::string topic = string_value(member).value_or(none);
        notification.delivery.topic = topic.empty() ? none : topic;
    }
};

base::Status take_config(const JsonMember& member, Notification& notification) {
    if (member.kind == JsonKind::null) return std::monostate{};
    if (member.kind != JsonKind::object) return base::Failure{"\"notification.config\" must be an object."};
    Config config{notification};
    scan_object(member.value, kNotificationNestingMax, [&](const JsonMember& inner) { config.take(inner); });
    if (!config.fault.empty()) return base::Failure{std::move(config.fault)};
    if (const base::Status checked = check_options(notification.delivery); !checked)
        return base::Failure{fmt::format("\"notification.config\": {}", checked.error().message)};
    return std::monostate{};
}

}  // namespace

base::Result<Notification> parse_notification(std::string_view text) {
    Members members;
    const bool is_object =
        is_valid_utf8(text) &&
        scan_object(text, kNotificationNestingMax, [&](const JsonMember& member) { take(members, member); });
    if (!is_object) {
        return base::Failure{
            fmt::format("\"notification\" must be an object, with values at most {} deep inside each other.",
                        kNotificationNestingMax)};
    }
    if (!members.title || !members.body) {
        return base::Failure{
            "\"notification\" must have a \"title\" and a \"body\", strings without lone surrogates."};
    }
    const std::size_t shown_bytes = members.title->size() + members.body->size();
    if (shown_bytes == 0) {
        return base::Failure{"\"title\" and \"body\" of \"notification\" must not both be empty."};
    }
    if (shown_bytes > kTitleAndBodyBytesMax) {
        return base::Failure{fmt::format(
            "\"title\" and \"body\" of \"notification\" must have at most {} bytes together; they have {}.",
            kTitleAndBodyBytesMax, shown_bytes)};
    }
    members.rewritten += '}';
    if (members.rewritten.size() > kNotificationBytesMax) {
        return base::Failure{fmt::format("\"notification\" must have at most {} bytes as JSON; it has {}.",
                                         kNotificationBytesMax, members.rewritten.size())};
    }
    Notification notification{std::move(members.rewritten), {}, false};
    if (members.config) {
        if (const base::Status taken = take_config(*members.config, notification); !taken)
            return taken.error();
    }
    return notification;
}

}  // namespace pipit::codec
