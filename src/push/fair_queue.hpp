#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace pipit::push {

/// How much may wait in a FairQueue and how much of it may be on its way at the same time.
struct FairQueueLimits {
    std::size_t waiting_max = 2'048;
    std::size_t waiting_per_origin_max = 1'024;
    std::size_t in_flight_max = 256;
    /// For an origin that takes one message after another on a connection, or of which nothing is known yet.
    std::size_t in_flight_per_origin_max = 8;
    /// For one that takes many at the same time: multiplexes().
    std::size_t in_flight_per_multiplexing_origin_max = 100;
};

enum class Admission : std::uint8_t {
    accepted,
    queue_full,   ///< `waiting_max` wait
    origin_full,  ///< `waiting_per_origin_max` wait for this origin
};

/// What waits to be sent. Origins take turns, within an origin its users do, and what there is for one user
/// keeps its order. An origin that answers slowly fills its own share and holds nobody else up; a user with
/// much to send delays others by one turn.
template <class Job>
class FairQueue {
 public:
    /// All limits are at least 1.
    explicit FairQueue(const FairQueueLimits& limits) : limits_(limits) {}

    /// Takes `job`, or leaves it as it was and says why.
    Admission push(const std::string& origin_name, const std::string& user, Job&& job) {
        if (waiting_ >= limits_.waiting_max) return Admission::queue_full;
        const auto found = origins_.find(origin_name);
        if (found != origins_.end() && found->second.waiting >= limits_.waiting_per_origin_max) {
            return Admission::origin_full;
        }
        Origin& origin = found != origins_.end() ? found->second : origins_[origin_name];
        std::deque<Job>& jobs = origin.jobs[user];
        if (jobs.empty()) origin.users_in_turn.push_back(user);
        jobs.push_back(std::move(job));
        ++origin.waiting;
        ++waiting_;
        line_up(origin);
        return Admission::accepted;
    }

    /// What is to be sent now, which is in flight from then on; nothing while no limit allows more.
    std::optional<Job> next() {
        if (in_flight_ >= limits_.in_flight_max || origins_in_turn_.empty()) return std::nullopt;
        Origin& origin = *origins_in_turn_.front();
        origins_in_turn_.pop_front();
        origin.is_in_line = false;
        const auto jobs = origin.jobs.find(origin.users_in_turn.front());
        Job job = std::move(jobs->second.front());
        jobs->second.pop_front();
        if (jobs->second.empty()) {
            origin.jobs.erase(jobs);
        } else {
            origin.users_in_turn.push_back(jobs->first);
        }
        origin.users_in_turn.pop_front();
        --origin.waiting;
        --waiting_;
        ++origin.in_flight;
        ++in_flight_;
        line_up(origin);
        return job;
    }

    /// One job of this origin is no longer in flight. An origin of which nothing is left is forgotten.
    void finish(const std::string& origin_name) {
        const auto found = origins_.find(origin_name);
        PIPIT_ASSERT(found != origins_.end() && found->second.in_flight > 0);
        Origin& origin = found->second;
        --origin.in_flight;
        --in_flight_;
        if (origin.in_flight == 0 && origin.waiting == 0) {
            origins_.erase(found);
        } else {
            line_up(origin);
        }
    }

    /// The origin, of which something is in flight, takes many messages at the same time.
    void multiplexes(const std::string& origin_name) {
        const auto found = origins_.find(origin_name);
        PIPIT_ASSERT(found != origins_.end() && found->second.in_flight > 0);
        found->second.multiplexes = true;
        line_up(found->second);
    }

    /// All that waits; what is in flight stays.
    std::vector<Job> take_waiting() {
        std::vector<Job> jobs;
        jobs.reserve(waiting_);
        for (auto origin = origins_.begin(); origin != origins_.end();) {
            for (auto& [user, waiting] : origin->second.jobs)
                std::move(waiting.begin(), waiting.end(), std::back_inserter(jobs));
            origin->second.jobs.clear();
            origin->second.users_in_turn.clear();
            origin->second.waiting = 0;
            origin->second.is_in_line = false;
            origin = origin->second.in_flight == 0 ? origins_.erase(origin) : std::next(origin);
        }
        origins_in_turn_.clear();
        waiting_ = 0;
        return jobs;
    }

    std::size_t waiting() const { return waiting_; }
    std::size_t in_flight() const { return in_flight_; }
    std::size_t origins() const { return origins_.size(); }

 private:
    struct Origin {
        std::unordered_map<std::string, std::deque<Job>> jobs;  // by user; none is empty
        std::deque<std::string> users_in_turn;                  // those that have jobs, each once
        std::size_t waiting = 0;
        std::size_t in_flight = 0;
        bool multiplexes = false;
        bool is_in_line = false;  // whether it is in origins_in_turn_
    };

    void line_up(Origin& origin) {
        const std::size_t in_flight_max = origin.multiplexes ? limits_.in_flight_per_multiplexing_origin_max
                                                             : limits_.in_flight_per_origin_max;
        if (origin.is_in_line || origin.waiting == 0 || origin.in_flight >= in_flight_max) return;
        origins_in_turn_.push_back(&origin);
        origin.is_in_line = true;
    }

    const FairQueueLimits limits_;
    std::unordered_map<std::string, Origin> origins_;  // its elements stay where they are
    std::deque<Origin*> origins_in_turn_;              // those that may send something now, each once
    std::size_t waiting_ = 0;
    std::size_t in_flight_ = 0;
};

}  // namespace pipit::push
