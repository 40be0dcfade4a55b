#include "push/notification.hpp"

#include <optional>
#include <utility>

#include "codec/json_scan.hpp"
#include "codec/utf8.hpp"
#include "push/payload_encryption.hpp"

namespace pipit::push {
namespace {

struct Members {
    std::optional<std::string> title;
    std::optional<std::string> body;
    std::string rewritten = "{";
};

void take(Members& members, const codec::JsonMember& member) {
    // Names are compared unescaped and the last of a name counts, as JSON.parse has it: what is measured is
    // what will be shown.
    const auto key = codec::unescape_json_string(member.key);
    if (key == "config") return;
    if (key == "title" || key == "body") {
        auto& text = key == "title" ? members.title : members.body;
        text = member.kind == codec::JsonKind::string ? codec::unescape_json_string(member.string_content())
                                                      : std::nullopt;
    }
    if (members.rewritten.size() > 1) members.rewritten += ',';
    members.rewritten += '"';
    members.rewritten += member.key;
    members.rewritten += "\":";
    members.rewritten += member.value;
}

}  // namespace

base::Result<std::string> notification_payload(std::string_view notification) {
    Members members;
    const bool is_object =
        codec::is_valid_utf8(notification) &&
        codec::scan_object(notification, kNotificationNestingMax,
                           [&](const codec::JsonMember& member) { take(members, member); });
    if (!is_object) return base::Failure{"a notification must be a JSON object"};
    if (!members.title || !members.body) {
        return base::Failure{
            "a notification must have a title and a body, both of them strings without lone surrogates"};
    }
    const std::size_t shown_bytes = members.title->size() + members.body->size();
    if (shown_bytes > kTitleAndBodyBytesMax) {
        return base::Failure{"title and body of a notification must have at most " +
                             std::to_string(kTitleAndBodyBytesMax) + " bytes together; they have " +
                             std::to_string(shown_bytes)};
    }
    members.rewritten += '}';
    if (members.rewritten.size() > kPayloadBytesMax) {
        return base::Failure{"a notification must have at most " + std::to_string(kPayloadBytesMax) +
                             " bytes as JSON; it has " + std::to_string(members.rewritten.size())};
    }
    return std::move(members.rewritten);
}

}  // namespace pipit::push
