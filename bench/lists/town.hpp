#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.hpp"
#include "core/hub.hpp"

namespace pipit::bench {

/// How large a world is measured.
struct TownSize {
    std::uint32_t groups = 100'000;
    std::uint32_t members = 1'000'000;
};

/// One hub with all its sessions in this process, without sockets: what is sent is read and counted at once.
class Town {
 public:
    /// Opens and signs in one connection for each member, in nobody's group yet; every third user has two
    /// connections.
    Town(const TownSize& size, std::uint64_t seed);
    ~Town();

    /// Lets every connection join a group; a few groups are much larger than the others.
    void join_all();
    /// One member leaves its group, or joins the one that it left last.
    void churn();
    /// Asks on one connection and waits for the answer; returns it.
    std::string_view ask(std::string_view command);

    std::string group_name(std::uint32_t index) const;
    std::uint32_t random_below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
    /// The group of a member; the same for every run of one seed.
    std::uint32_t group_of(std::uint32_t member) const { return group_of_[member]; }
    std::string user_of(std::uint32_t member) const;

 private:
    struct Connection;
    void turn(Connection& connection, std::string_view command);

    TownSize size_;
    std::mt19937_64 random_;
    auth::Secret secret_;
    core::HubSettings settings_;
    core::FrameArena arena_;
    core::TouchedOutboxes touched_;
    std::unique_ptr<base::Random> bytes_;
    std::unique_ptr<core::Hub> hub_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<std::uint32_t> group_of_;
    std::vector<bool> is_in_;
    std::unique_ptr<Connection> asker_;
    base::Instant now_{base::Millis(1'000)};
};

}  // namespace pipit::bench
