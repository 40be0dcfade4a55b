#include "codec/json_scan.hpp"
#include "codec/skapi_message.hpp"

namespace pipit::codec::skapi {
namespace {

/// `%` stands in strings only, where no backslash can be right before it as the begin of an escape.
void append_json(std::string& out, std::string_view json) {
    for (;;) {
        const std::size_t percent = json.find('%');
        out += json.substr(0, percent);
        if (percent == std::string_view::npos) return;
        out += "\\u0025";
        json.remove_prefix(percent + 1);
    }
}

void append_member(std::string& out, std::string_view name, std::string_view json) {
    out.append(out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
    append_json(out, json);
}

void append_sender(std::string& out, Sender sender) {
    if (!sender.user.empty()) append_member(out, "#user_id", sender.user);
    constexpr std::string_view prefix = "\"cid:";
    append_member(out, "#scid", "\"");
    append_json(out, sender.cid.substr(sender.cid.starts_with(prefix) ? prefix.size() : 1));
}

constexpr std::string_view name_of(Rtc::What what) {
    switch (what) {
        case Rtc::What::offer:
            return "sdpoffer";
        case Rtc::What::answer:
            return "sdpanswer";
        case Rtc::What::candidate:
            return "candidate";
        case Rtc::What::pickup:
            return "pickup";
        case Rtc::What::hungup:
            break;
    }
    return "hungup";
}

}  // namespace

void append_message(std::string& out, std::string_view content, Sender sender, std::string_view group) {
    out += '{';
    append_member(out, "#message", content);
    append_sender(out, sender);
    append_member(out, "#srid", group);
    out += '}';
}

void append_private(std::string& out, std::string_view content, Sender sender) {
    out += '{';
    append_member(out, "#private", content);
    append_sender(out, sender);
    out += '}';
}

void append_notice(std::string& out, std::string_view sentence, std::string_view code, Sender about,
                   std::string_view group) {
    out += '{';
    append_member(out, "#notice", sentence);
    append_member(out, "#code", code);
    append_sender(out, about);
    append_member(out, "#srid", group);
    out += '}';
}

void append_rtc(std::string& out, Rtc::What what, std::string_view value, Sender sender) {
    out += "{\"#rtc\":{";
    append_member(out, name_of(what), value);
    out += '}';
    append_sender(out, sender);
    out += '}';
}

void append_error(std::string& out, std::string_view text) {
    std::string json;
    append_json_string(json, text);
    out += '{';
    append_member(out, "#error", json);
    out += '}';
}

void append_refusal(std::string& out, std::string_view code, std::string_view message) {
    out += '{';
    append_member(out, "#error", code.substr(0, code.size() - 1));
    out += ": ";
    append_json(out, message.substr(1));
    out += '}';
}

}  // namespace pipit::codec::skapi
