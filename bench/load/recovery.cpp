#include "load/recovery.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "load/histogram.hpp"
#include "load/swarm.hpp"

namespace pipit::bench {

namespace {

constexpr std::chrono::seconds kTimeout{120};
constexpr int kTurnMs = 100;
constexpr std::uint32_t kOpeningMax = 2'000;  // below what a listening socket queues
constexpr std::uint32_t kPostsOutstandingMax = 50;

/// Counts what comes to each member.
class Tally : public Swarm::Listener {
 public:
    Tally(std::uint32_t members, std::uint32_t wanted) : wanted_(wanted), received_(members) {}

    void on_deliveries(std::uint32_t member, std::uint32_t count, std::string_view,
                       std::uint64_t at_ns) override {
        auto& received = received_[member];
        received += count;
        if (received > wanted_) throw std::runtime_error("more was delivered than was missed");
        if (received < wanted_) return;
        ++complete_;
        times_.add(at_ns - begun_ns_);
    }
    void on_acknowledgements(std::uint32_t, std::uint32_t count, std::uint64_t) override {
        acknowledged_ += count;
    }

    void begin(std::uint64_t at_ns) { begun_ns_ = at_ns; }
    std::uint64_t complete() const { return complete_; }
    std::uint64_t acknowledged() const { return acknowledged_; }
    const Histogram& times() const { return times_; }

 private:
    std::uint32_t wanted_;
    std::vector<std::uint32_t> received_;
    std::uint64_t begun_ns_ = 0;
    std::uint64_t complete_ = 0;
    std::uint64_t acknowledged_ = 0;
    Histogram times_;
};

/// One more connection in each room, which stays.
std::vector<Seat> posters_of(const Scenario& scenario) {
    auto one_each = scenario;
    one_each.members_per_room = 1;
    return seats_of(one_each);
}

template <typename IsSo>
void turn_until(Swarm& swarm, IsSo is_so, const char* what) {
    const auto deadline = std::chrono::steady_clock::now() + kTimeout;
    while (!is_so()) {
        swarm.turn(kTurnMs);
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error(fmt::format("{} in time", what));
    }
}

void post_to_all(Swarm& swarm, const Tally& tally, const Scenario& scenario, std::uint32_t count) {
    for (std::uint32_t posted = 0; posted < count;) {
        const auto next = std::min(count - posted, kPostsOutstandingMax);
        for (std::uint32_t room = 0; room < scenario.rooms; ++room)
            swarm.post(room, posted, next);
        posted += next;
        const auto wanted = std::uint64_t{posted} * scenario.rooms;
        turn_until(
            swarm, [&] { return tally.acknowledged() == wanted; }, "the posts were not answered");
    }
}

}  // namespace

std::string measure_recovery(const Order& order, const RecoveringWire& wire, std::uint32_t missed) {
    const auto seats = seats_of(order.scenario);
    const auto members = static_cast<std::uint32_t>(seats.size());
    Tally at_posters(order.scenario.rooms, missed);
    Swarm posters(order.wire, at_posters, order.port);
    posters.open(posters_of(order.scenario), kTimeout);
    {
        Tally nothing(members, 0);
        Swarm lost(wire, nothing, order.port);
        lost.open(seats, kTimeout);
        lost.settle(kTimeout);
    }
    posters.settle(kTimeout);
    post_to_all(posters, at_posters, order.scenario, missed);
    posters.settle(kTimeout);

    Tally tally(members, missed);
    Swarm back(wire, tally, order.port);
    const auto begin_ns = now_ns();
    const auto begin_cpu_ns = order.server.cpu_ns();
    tally.begin(begin_ns);
    back.open(seats, kTimeout, kOpeningMax);
    if (missed > 0)
        turn_until(
            back, [&] { return tally.complete() == members; }, "not everybody was whole");
    const auto took_ns = now_ns() - begin_ns;
    const auto cpu_ns = order.server.cpu_ns() - begin_cpu_ns;
    back.turn(kTurnMs);  // what comes once more than it should is an error
    const auto in_ms = [](std::uint64_t ns) { return static_cast<double>(ns) / 1e6; };
    return fmt::format(
        R"({{"connections":{},"missed":{},"recovered_ms":{:.1f},"client_p50_ms":{:.1f},"client_p99_ms":{:.1f},)"
        R"("server_cpu_ms":{:.1f},"server_cpu_us_per_client":{:.2f}}})",
        members, missed, in_ms(took_ns), in_ms(tally.times().quantile_ns(0.5)),
        in_ms(tally.times().quantile_ns(0.99)), in_ms(cpu_ns), in_ms(cpu_ns) * 1e3 / members);
}

}  // namespace pipit::bench
