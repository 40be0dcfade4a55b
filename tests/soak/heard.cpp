#include "heard.hpp"

#include <array>
#include <utility>

#include "codec/json_scan.hpp"

namespace pipit::soak {

namespace {

using codec::JsonKind;
using codec::JsonMember;

constexpr unsigned kDepthMax = 16;

std::string text_in(const JsonMember& member) {
    if (member.kind != JsonKind::string) return {};
    return codec::unescape_json_string(member.string_content()).value_or("");
}

std::optional<std::uint64_t> number_in(const JsonMember& member) {
    return member.kind == JsonKind::number ? codec::parse_json_uint53(member.value) : std::nullopt;
}

void read_result(std::string_view object, Reply& reply) {
    codec::scan_object(object, kDepthMax, [&](const JsonMember& member) {
        if (member.key == "reason") reply.reason = text_in(member);
        if (member.key == "user") reply.user = text_in(member);
        if (member.key == "cid") reply.cid = text_in(member);
        if (member.key == "group") reply.group = text_in(member);
        if (member.key == "epoch") reply.epoch = text_in(member);
        if (member.key == "offset") reply.offset = number_in(member);
        if (member.key == "resumed") reply.resumed = member.value == "true";
    });
}

std::optional<Event::Kind> event_kind(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, Event::Kind>, 5> kKinds{
        {{"message", Event::Kind::message},
         {"private", Event::Kind::personal},
         {"notice", Event::Kind::notice},
         {"token", Event::Kind::token},
         {"drain", Event::Kind::drain}}};
    for (const auto& [known, kind] : kKinds) {
        if (known == name) return kind;
    }
    return std::nullopt;
}

}  // namespace

Heard hear(std::string_view object) {
    std::optional<Event::Kind> kind;
    std::optional<std::uint64_t> id;
    std::string_view result;
    Event event;
    Reply reply;
    std::size_t members = 0;
    const auto verdict = codec::scan_object(object, kDepthMax, [&](const JsonMember& member) {
        ++members;
        if (member.key == "ev") kind = event_kind(text_in(member));
        if (member.key == "id") id = number_in(member);
        if (member.key == "ok" || member.key == "error") {
            reply.ok = member.key == "ok";
            result = member.value;
        }
        if (member.key == "group") event.group = text_in(member);
        if (member.key == "user") event.user = text_in(member);
        if (member.key == "cid") event.cid = text_in(member);
        if (member.key == "code") event.code = text_in(member);
        if (member.key == "offset") event.offset = number_in(member);
        if (member.key == "data") event.data = member.value;
    });
    if (!verdict) return Nonsense{};
    if (members == 0) return Heartbeat{};
    if (kind) {
        event.kind = *kind;
        return event;
    }
    if (!id || result.empty()) return Nonsense{};
    reply.id = *id;
    read_result(result, reply);
    return reply;
}

}  // namespace pipit::soak
