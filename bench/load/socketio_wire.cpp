#include "load/socketio_wire.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "load/commands.hpp"

namespace pipit::bench {

namespace {

// The first character of a packet is Engine.IO's type; a message ("4") has Socket.IO's type behind it.
constexpr std::string_view kOpen = "0";
constexpr std::string_view kPing = "2";
constexpr std::string_view kPong = "3";
constexpr std::string_view kConnect = "40";
constexpr std::string_view kEvent = "42";
constexpr std::string_view kAcknowledge = "43";

constexpr std::uint64_t kJoinId = 0;
constexpr std::uint64_t kFirstPostId = 1;

}  // namespace

Heard SocketioWire::hear(const Seat& seat, std::string_view text, std::string& answer) const {
    const bool joins = seat.audience == Audience::group;
    if (text.starts_with(kEvent)) return {.deliveries = 1};
    if (text.starts_with(kAcknowledge)) {
        std::uint64_t id = 0;
        std::from_chars(text.data() + kAcknowledge.size(), text.data() + text.size(), id);
        if (id >= kFirstPostId) return {.acknowledgements = 1};
        return {.ready = joins};
    }
    if (text.starts_with(kOpen)) {
        answer = fmt::format(R"({}{{"user":"{}"}})", kConnect, user_id(seat.member));
        return {};
    }
    if (text.starts_with(kConnect)) {
        if (joins) answer = fmt::format(R"({}{}["join",{}])", kEvent, kJoinId, join_argument(seat));
        return {.ready = !joins};
    }
    if (text == kPing) {
        answer = kPong;
        return {};
    }
    throw std::runtime_error(fmt::format("the server says {}", text));
}

std::string SocketioWire::post(const Seat& seat, std::uint64_t sequence) const {
    return fmt::format(R"({}{}["post",{{"to":{},"data":{}}}])", kEvent, kFirstPostId + sequence,
                       post_target(seat), payload(sequence));
}

}  // namespace pipit::bench
