#include "load/report.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "load/swarm.hpp"
#include "load/traffic.hpp"

namespace pipit::bench {

namespace {

constexpr std::chrono::seconds kOpenTimeout{60};
constexpr std::chrono::seconds kSettleTimeout{30};
constexpr std::chrono::seconds kLastDeliveriesTimeout{5};
constexpr int kTurnMs = 100;

std::uint64_t own_cpu_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

/// What grows while posts flow, at one moment.
struct Moment {
    std::uint64_t at_ns;
    std::uint64_t server_cpu_ns;
    std::uint64_t own_cpu_ns;
    std::uint64_t deliveries;
    std::uint64_t acknowledgements;
};

double quotient(std::uint64_t above, std::uint64_t below) {
    return below == 0 ? 0 : static_cast<double>(above) / static_cast<double>(below);
}

void flow(Swarm& swarm, Traffic& traffic, std::chrono::nanoseconds time) {
    const auto end_ns = now_ns() + static_cast<std::uint64_t>(time.count());
    while (now_ns() < end_ns) {
        swarm.turn(kTurnMs);
        traffic.refill(swarm);
    }
}

/// Turns until all that was posted has arrived and been acknowledged, or the time for that is over.
void wait_for_the_last(Swarm& swarm, const Traffic& traffic, bool acknowledges) {
    const auto deadline = std::chrono::steady_clock::now() + kLastDeliveriesTimeout;
    const auto all_has_come = [&] {
        return traffic.missing() == 0 && (!acknowledges || traffic.acknowledgements() == traffic.posts());
    };
    while (!all_has_come() && std::chrono::steady_clock::now() < deadline)
        swarm.turn(kTurnMs);
    // What comes once more than it should comes now, and is an error.
    swarm.turn(kTurnMs);
}

}  // namespace

std::string measure_traffic(const Order& order) {
    const auto seats = seats_of(order.scenario);
    Traffic traffic(order.scenario, seats);
    Swarm swarm(order.wire, traffic, order.port);
    swarm.open(seats, kOpenTimeout);
    swarm.settle(kSettleTimeout);

    const auto moment = [&] {
        return Moment{now_ns(), order.server.cpu_ns(), own_cpu_ns(), traffic.deliveries(),
                      traffic.acknowledgements()};
    };
    traffic.start(swarm);
    flow(swarm, traffic, order.warm_up);
    traffic.latencies().clear();
    traffic.answer_times().clear();
    const auto begin = moment();
    flow(swarm, traffic, order.duration);
    const auto end = moment();
    const auto p50_ns = traffic.latencies().quantile_ns(0.5);
    const auto p99_ns = traffic.latencies().quantile_ns(0.99);
    const auto answered_p50_ns = traffic.answer_times().quantile_ns(0.5);
    const auto answered_p99_ns = traffic.answer_times().quantile_ns(0.99);
    wait_for_the_last(swarm, traffic, order.wire.acknowledges());

    const auto elapsed_ns = end.at_ns - begin.at_ns;
    const auto server_cpu_ns = end.server_cpu_ns - begin.server_cpu_ns;
    const auto deliveries = end.deliveries - begin.deliveries;
    const auto acknowledgements = end.acknowledgements - begin.acknowledgements;
    const auto unacknowledged = order.wire.acknowledges() ? traffic.posts() - traffic.acknowledgements() : 0;
    return fmt::format(
        R"({{"members":{},"deliveries":{},"deliveries_per_s":{:.1f},"cpu_us_per_delivery":{:.4f},)"
        R"("latency_p50_us":{:.1f},"latency_p99_us":{:.1f},"server_cpu_share":{:.3f},)"
        R"("generator_cpu_share":{:.3f},"posts_per_s":{:.1f},"answered_p50_us":{:.1f},)"
        R"("answered_p99_us":{:.1f},"lost":{},"unacknowledged":{}}})",
        seats.size(), deliveries, quotient(deliveries, elapsed_ns) * 1e9,
        quotient(server_cpu_ns, deliveries) / 1e3, static_cast<double>(p50_ns) / 1e3,
        static_cast<double>(p99_ns) / 1e3, quotient(server_cpu_ns, elapsed_ns),
        quotient(end.own_cpu_ns - begin.own_cpu_ns, elapsed_ns), quotient(acknowledgements, elapsed_ns) * 1e9,
        static_cast<double>(answered_p50_ns) / 1e3, static_cast<double>(answered_p99_ns) / 1e3,
        traffic.missing(), unacknowledged);
}

std::string measure_idle(const Order& order) {
    const auto seats = seats_of(order.scenario);
    Traffic traffic(order.scenario, seats);
    const auto before_bytes = order.server.rss_bytes();
    Swarm swarm(order.wire, traffic, order.port);
    swarm.open(seats, kOpenTimeout);
    swarm.settle(kSettleTimeout);
    const auto after_bytes = order.server.rss_bytes();
    const auto grown_bytes = after_bytes - std::min(before_bytes, after_bytes);
    return fmt::format(
        R"({{"connections":{},"rss_before_bytes":{},"rss_after_bytes":{},"rss_bytes_per_connection":{:.0f}}})",
        seats.size(), before_bytes, after_bytes, quotient(grown_bytes, seats.size()));
}

}  // namespace pipit::bench
