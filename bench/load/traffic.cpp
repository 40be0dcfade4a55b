#include "load/traffic.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "load/commands.hpp"

namespace pipit::bench {

Traffic::Traffic(const Scenario& scenario, const std::vector<Seat>& seats)
    : scenario_(scenario), received_(seats.size()) {
    for (std::uint32_t room = 0; room < scenario.rooms; ++room)
        rooms_.push_back(
            {.first_member = room * scenario.members_per_room, .members = scenario.members_per_room});
    for (const auto& seat : seats) {
        room_of_.push_back(seat.inbox);
        posts_room_of_.push_back(seat.outbox);
        rooms_[seat.outbox].poster = seat.member;
        rooms_[seat.inbox].posts_next = seat.outbox;
    }
}

void Traffic::start(Swarm& swarm) {
    if (scenario_.audience == Audience::user) {
        post(swarm, rooms_.front(), scenario_.outstanding);
        return;
    }
    for (auto& room : rooms_)
        post(swarm, room, scenario_.outstanding);
}

void Traffic::refill(Swarm& swarm) {
    for (const auto number : rooms_to_refill_) {
        auto& room = rooms_[number];
        post(swarm, rooms_[room.posts_next], std::exchange(room.owed, 0));
    }
    rooms_to_refill_.clear();
}

void Traffic::post(Swarm& swarm, Room& room, std::uint32_t count) {
    const auto at_ns = now_ns();
    for (auto i = room.posted; i < room.posted + count; ++i)
        room.posted_at_ns[i % kOutstandingMax] = at_ns;
    swarm.post(room.poster, room.posted, count);
    room.posted += count;
    posts_ += count;
}

void Traffic::on_deliveries(std::uint32_t member, std::uint32_t count, std::string_view text,
                            std::uint64_t at_ns) {
    const auto number = room_of_[member];
    auto& room = rooms_[number];
    auto& received = received_[member];
    if (received + count > room.posted) throw std::runtime_error("more was delivered than was posted");
    if (member == room.first_member || member == room.first_member + room.members - 1)
        check_sequence(text, received, count);

    const auto complete_before = room.complete;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto slot = received++ % kOutstandingMax;
        latencies_.add(at_ns - room.posted_at_ns[slot]);
        if (++room.arrived[slot] < room.members) continue;
        room.arrived[slot] = 0;
        ++room.complete;
    }
    deliveries_ += count;

    if (room.complete == complete_before) return;
    if (scenario_.refill == Refill::all && room.complete < room.posted) return;
    if (room.owed == 0) rooms_to_refill_.push_back(number);
    room.owed += scenario_.refill == Refill::all
                     ? scenario_.outstanding
                     : static_cast<std::uint32_t>(room.complete - complete_before);
}

void Traffic::on_acknowledgements(std::uint32_t member, std::uint32_t count, std::uint64_t at_ns) {
    auto& room = rooms_[posts_room_of_[member]];
    for (std::uint32_t i = 0; i < count; ++i)
        answer_times_.add(at_ns - room.posted_at_ns[room.acknowledged++ % kOutstandingMax]);
    acknowledgements_ += count;
}

void Traffic::check_sequence(std::string_view text, std::uint64_t first, std::uint32_t count) const {
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto sequence = take_sequence(text);
        if (sequence != first + i)
            throw std::runtime_error(fmt::format("post {} was expected, not: {}", first + i, text));
    }
}

std::uint64_t Traffic::missing() const {
    std::uint64_t sum = 0;
    for (std::size_t member = 0; member < received_.size(); ++member)
        sum += rooms_[room_of_[member]].posted - received_[member];
    return sum;
}

}  // namespace pipit::bench
