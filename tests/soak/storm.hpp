#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "crowd.hpp"

namespace pipit::soak {

struct Scene {
    std::vector<std::string> groups;  ///< from the most to the least popular
    std::vector<std::string> users;
};

/// `groups` names with all that JSON makes awkward, and `users` ids.
Scene make_scene(std::size_t groups, std::size_t users);

/// What the clients do, by dice. Everything random is drawn from the crowd's generator.
class Storm {
 public:
    struct Drops {
        std::uint64_t closes = 0, changes = 0, half_closes = 0, resets = 0, takeovers = 0;
    };

    Storm(Crowd& crowd, const Scene& scene) : crowd_(crowd), scene_(scene) {}

    /// Connects everybody. False when not all were signed in by `deadline`.
    bool gather(Clock::time_point deadline);
    /// Lets everybody do anything until `end`, as fast as the server answers; stops early at the first fault.
    void rage(Clock::time_point end);
    /// Nobody says anything until everything has come to pass that must. False when it has not by `deadline`.
    bool calm(Clock::time_point deadline);
    /// Everybody goes, each in some way. False when some are still there at `deadline`.
    bool scatter(Clock::time_point deadline);

    const Drops& drops() const { return drops_; }
    /// Of some connections that have said something.
    std::vector<std::string> seen_cids() const;

 private:
    void act(Crowd::Seat seat);
    void welcome(const std::string& cid);
    void arrive(Crowd::Seat seat);
    /// What one says that goes on as `earlier`.
    std::vector<Command> resumption(const Connection& earlier);
    void depart(Crowd::Seat seat);
    std::vector<Command> bundle(const Connection& connection);
    Command post(const Connection& connection);
    const std::string& any_group();
    std::uint64_t below(std::uint64_t bound) { return crowd_.tools().random() % bound; }

    Crowd& crowd_;
    const Scene& scene_;
    Drops drops_;
    std::vector<std::string> seen_cids_ = std::vector<std::string>(256);
};

}  // namespace pipit::soak
