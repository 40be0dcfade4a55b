#include "core/call_tickets.hpp"

#include "base/base64url.hpp"

namespace pipit::core {
namespace {

/// The user is part of what it is sealed for, so that a ticket need not say whose it is.
std::string purpose_for(std::string_view user) {
    return std::string("part in a call of ").append(user);
}

}  // namespace

std::string CallTickets::of(std::string_view user, const CallPart& part) const {
    const std::string text = (part.side == CallSide::caller ? '>' : '<') + part.call;
    return base::base64url_encode(base::as_bytes(seal_.close(purpose_for(user), text)));
}

std::optional<CallPart> CallTickets::open(std::string_view user, std::string_view ticket) const {
    const auto sealed = base::base64url_decode(ticket);
    const auto text = sealed ? seal_.open(purpose_for(user), *sealed) : std::nullopt;
    if (!text) return std::nullopt;
    return CallPart{text->substr(1), text->front() == '>' ? CallSide::caller : CallSide::callee};
}

}  // namespace pipit::core
