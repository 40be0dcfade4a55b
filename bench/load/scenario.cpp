#include "load/scenario.hpp"

#include <array>

namespace pipit::bench {

std::span<const Scenario> scenarios() {
    static constexpr std::array kScenarios{
        Scenario{"fanout1", Audience::group, 1, 1'000, 1, Refill::each},
        Scenario{"fanout16", Audience::group, 1, 1'000, 16, Refill::each},
        Scenario{"bursts50", Audience::group, 1, 1'000, 50, Refill::all},
        Scenario{"groups", Audience::group, 100, 10, 1, Refill::each},
        Scenario{"pingpong", Audience::user, 2, 1, 1, Refill::each},
        Scenario{"posts1", Audience::group, 1, 1, 1, Refill::each},
        Scenario{"posts16", Audience::group, 16, 1, 1, Refill::each},
        Scenario{"posts256", Audience::group, 256, 1, 1, Refill::each},
        Scenario{"idle", Audience::group, 1, 100, 0, Refill::each},
        Scenario{"recovery", Audience::group, 1, 100, 0, Refill::each},
    };
    return kScenarios;
}

std::vector<Seat> seats_of(const Scenario& scenario) {
    std::vector<Seat> seats;
    for (std::uint32_t room = 0; room < scenario.rooms; ++room) {
        const auto outbox = scenario.audience == Audience::user ? (room + 1) % scenario.rooms : room;
        for (std::uint32_t i = 0; i < scenario.members_per_room; ++i)
            seats.push_back({static_cast<std::uint32_t>(seats.size()), room, outbox, scenario.audience});
    }
    return seats;
}

}  // namespace pipit::bench
