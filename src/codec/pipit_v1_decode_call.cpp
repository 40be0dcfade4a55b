#include "codec/pipit_v1_decode.hpp"

namespace pipit::codec::v1 {
namespace {

constexpr std::size_t kCallBytesMax = 64;
constexpr std::size_t kTicketBytesMax = 256;

std::string take_call_id(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [call] = find_members(command, limits, {"call"});
    return take_name("call", call, kCallBytesMax, refusal);
}

std::string_view text_of(const Argument& data) {
    return data ? data->value : "null";
}

}  // namespace

Call take_call(const Argument& to, const Argument& data, const DecodeLimits& limits, Refusal& refusal) {
    using Kind = Recipient::Kind;
    constexpr std::string_view allowed = "\"to\" must be an object with one of \"user\" and \"cid\".";
    if (!to || to->kind != JsonKind::object) refuse(refusal, "{}", allowed);
    Call call{take_recipient(to, limits, refusal), text_of(data)};
    if (call.to.kind == Kind::group) refuse(refusal, "{}", allowed);
    return call;
}

Accept take_accept(std::string_view command, const Argument& data, const DecodeLimits& limits,
                   Refusal& refusal) {
    return {take_call_id(command, limits, refusal), text_of(data)};
}

Signal take_signal(std::string_view command, const Argument& data, const DecodeLimits& limits,
                   Refusal& refusal) {
    return {take_call_id(command, limits, refusal), text_of(data)};
}

Hangup take_hangup(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    return {take_call_id(command, limits, refusal)};
}

Reattach take_reattach(std::string_view command, const DecodeLimits& limits, Refusal& refusal) {
    const auto [ticket] = find_members(command, limits, {"ticket"});
    return {take_name("ticket", ticket, kTicketBytesMax, refusal)};
}

}  // namespace pipit::codec::v1
