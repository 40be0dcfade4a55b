#include "load/commands.hpp"

#include <charconv>

#include <fmt/format.h>

namespace pipit::bench {

namespace {

constexpr std::size_t kPayloadBytes = 128;
constexpr char kMark = '@';  // nowhere else in what is sent
constexpr std::size_t kSequenceDigits = 12;

std::string group_name(std::uint32_t room) {
    return fmt::format("bench-{}", room);
}

}  // namespace

std::string user_id(std::uint32_t member) {
    return fmt::format("00000000-0000-4000-8000-{:012x}", member);
}

std::string join_argument(const Seat& seat) {
    return fmt::format(R"({{"group":"{}"}})", group_name(seat.inbox));
}

std::string post_target(const Seat& seat) {
    if (seat.audience == Audience::user) return fmt::format(R"({{"user":"{}"}})", user_id(seat.outbox));
    return fmt::format(R"({{"group":"{}"}})", group_name(seat.outbox));
}

std::string payload(std::uint64_t sequence) {
    constexpr auto kFillBytes = kPayloadBytes - kSequenceDigits - sizeof kMark - 2;
    return fmt::format(R"("{}{:0{}}{:x<{}}")", kMark, sequence, kSequenceDigits, "", kFillBytes);
}

std::optional<std::uint64_t> take_sequence(std::string_view& text) {
    const auto mark = text.find(kMark);
    if (mark == text.npos) return std::nullopt;
    text.remove_prefix(mark + 1);
    std::uint64_t sequence = 0;
    std::from_chars(text.data(), text.data() + text.size(), sequence);
    return sequence;
}

std::string whole_event(const Seat& poster, std::uint64_t sequence) {
    const auto head = poster.audience == Audience::user
                          ? std::string(R"("private")")
                          : fmt::format(R"("message","group":"{}")", group_name(poster.outbox));
    return fmt::format(R"({{"ev":{},"offset":{},"user":"{}","cid":"cid:{:016}","data":{}}})", head,
                       sequence + 1, user_id(poster.member), poster.member, payload(sequence));
}

}  // namespace pipit::bench
