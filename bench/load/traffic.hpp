#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "load/histogram.hpp"
#include "load/scenario.hpp"
#include "load/swarm.hpp"

namespace pipit::bench {

/// What has been posted, and what of it has arrived where. Posts anew as the scenario says.
///
/// Every member gets the posts of its room in one order and each exactly once, so a count for each member
/// says which post it got. The first and last member of each room also read the number that is in the post;
/// another number than expected, or a post too many, is a std::runtime_error.
class Traffic : public Swarm::Listener {
 public:
    Traffic(const Scenario& scenario, const std::vector<Seat>& seats);

    /// Posts what a scenario has on the way from the start.
    void start(Swarm& swarm);

    /// Posts what follows what has arrived.
    void refill(Swarm& swarm);

    std::uint64_t posts() const { return posts_; }
    std::uint64_t deliveries() const { return deliveries_; }
    std::uint64_t acknowledgements() const { return acknowledgements_; }
    /// How many deliveries of what was posted have not come.
    std::uint64_t missing() const;

    /// From posting to reading, of every delivery since the last clear().
    Histogram& latencies() { return latencies_; }
    /// From posting to the answer, of every post since the last clear().
    Histogram& answer_times() { return answer_times_; }

    void on_deliveries(std::uint32_t member, std::uint32_t count, std::string_view text,
                       std::uint64_t at_ns) override;
    void on_acknowledgements(std::uint32_t member, std::uint32_t count, std::uint64_t at_ns) override;

 private:
    struct Room {
        std::uint32_t first_member;
        std::uint32_t members;
        std::uint32_t poster = 0;
        std::uint32_t posts_next = 0;  ///< the room that is posted to when a post to this one has arrived
        std::uint64_t posted = 0;
        std::uint64_t acknowledged = 0;
        std::uint64_t complete = 0;                            ///< how many have arrived at every member
        std::uint32_t owed = 0;                                ///< complete, and not refilled yet
        std::array<std::uint32_t, kOutstandingMax> arrived{};  ///< members, by post modulo the size
        std::array<std::uint64_t, kOutstandingMax> posted_at_ns{};
    };

    void post(Swarm& swarm, Room& room, std::uint32_t count);
    void check_sequence(std::string_view text, std::uint64_t first, std::uint32_t count) const;

    const Scenario& scenario_;
    std::vector<Room> rooms_;
    std::vector<std::uint32_t> room_of_;        ///< by member
    std::vector<std::uint32_t> posts_room_of_;  ///< by member
    std::vector<std::uint64_t> received_;       ///< by member
    std::vector<std::uint32_t> rooms_to_refill_;
    std::uint64_t posts_ = 0;
    std::uint64_t deliveries_ = 0;
    std::uint64_t acknowledgements_ = 0;
    Histogram latencies_;
    Histogram answer_times_;
};

}  // namespace pipit::bench
