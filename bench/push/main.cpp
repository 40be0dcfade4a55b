// What Pipit does for one notification, each part by itself: `bench_push seal` makes requests out of
// subscriptions, `bench_push send` hands over requests that are made already. Prints what it took as a JSON
// object. bench/run-push starts it; see bench/README.md.

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/program.hpp"
#include "net/push_lifetime.hpp"
#include "net/push_sealer.hpp"
#include "net/push_sender.hpp"

namespace {

using namespace pipit;

constexpr std::int64_t kTtl_s = 86'400;
constexpr std::string_view kSubject = "mailto:push@example.com";

std::int64_t ns_of(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// What is spent from its making on.
class Meter {
 public:
    double wall_s() const { return seconds_since(wall_ns_, CLOCK_MONOTONIC); }

    /// On `count` messages.
    std::string report(std::uint64_t count) const {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return fmt::format(R"({{"count":{},"began_ns":"{}","wall_s":{},"cpu_s":{},"rss_max_bytes":{}}})",
                           count, wall_ns_, wall_s(), seconds_since(cpu_ns_, CLOCK_PROCESS_CPUTIME_ID),
                           usage.ru_maxrss * 1'024);
    }

 private:
    static double seconds_since(std::int64_t begin_ns, clockid_t clock) {
        return static_cast<double>(ns_of(clock) - begin_ns) / 1e9;
    }

    std::int64_t wall_ns_ = ns_of(CLOCK_MONOTONIC);
    std::int64_t cpu_ns_ = ns_of(CLOCK_PROCESS_CPUTIME_ID);
};

struct Order {
    std::string subscriptions_file;
    std::string payload;
    std::string ca_file;
    double seconds = 2;
};

/// What the store would give out for them. A line of the file is an endpoint, its p256dh and its auth.
std::vector<store::Delivery> read_deliveries(const Order& order, const std::string& vapid_key) {
    std::ifstream file(order.subscriptions_file);
    std::vector<store::Delivery> deliveries;
    store::Delivery delivery;
    delivery.notification = {.author = "author",
                             .payload = order.payload,
                             .urgency = "normal",
                             .topic = "",
                             .ttl_s = kTtl_s,
                             .deadline_at = net::deadline_of(kTtl_s, net::unix_ms_now())};
    store::SubscriptionRecord& subscription = delivery.subscription;
    subscription.vapid_key = vapid_key;
    while (file >> subscription.endpoint >> subscription.p256dh >> subscription.auth) {
        ++delivery.id;
        deliveries.push_back(delivery);
    }
    if (deliveries.empty()) throw std::runtime_error("no subscription can be read");
    return deliveries;
}

class Bench {
 public:
    explicit Bench(const Order& order)
        : order_(order),
          sealer_(push::VapidKeys::generate(random_), push::VapidSubject::parse(kSubject).value(),
                  push::TargetRules::admitting({"localhost"}).value()),
          deliveries_(read_deliveries(order, sealer_.keys().current().public_text())) {}

    /// One subscription after another, for a time.
    std::string seal() {
        const Meter meter;
        std::uint64_t count = 0;
        while (meter.wall_s() < order_.seconds) {
            for (std::size_t i = 0; i < kSealedBetweenLooks; ++i)
                make_job(count++ % deliveries_.size());
        }
        return meter.report(count);
    }

    /// To each subscription once, at most as many at the same time as the server has by default.
    std::string send() {
        std::vector<net::PushJob> jobs;
        for (std::size_t i = 0; i < deliveries_.size(); ++i)
            jobs.push_back(make_job(i));

        net::PushSenderSettings settings;
        settings.transfer.targets = sealer_.targets();
        settings.transfer.ca_file = order_.ca_file;
        std::counting_semaphore<> free(static_cast<std::ptrdiff_t>(settings.queue.in_flight_max));
        std::atomic<std::uint64_t> failed = 0;
        net::PushSender sender(settings, [&](const net::PushOutcome& outcome) {
            if (outcome.status != 201) ++failed;
            free.release();
        });
        const Meter meter;
        for (net::PushJob& job : jobs) {
            free.acquire();
            if (sender.send(std::move(job)) != net::PushSender::Handover::accepted)
                throw std::runtime_error("the sender takes no more");
        }
        for (std::size_t i = 0; i < settings.queue.in_flight_max; ++i)
            free.acquire();
        std::string report = meter.report(jobs.size());
        sender.close(base::Millis(0));
        if (failed > 0) throw std::runtime_error(fmt::format("{} messages were not taken", failed.load()));
        return report;
    }

 private:
    static constexpr std::size_t kSealedBetweenLooks = 50;

    net::PushJob make_job(std::size_t index) {
        auto job = sealer_.seal(deliveries_[index], net::unix_ms_now());
        if (!job) throw std::runtime_error(job.error().message);
        return std::move(job).value();
    }

    const Order order_;
    net::OsRandom random_;
    net::PushSealer sealer_;
    std::vector<store::Delivery> deliveries_;
};

int run(int argc, char** argv) {
    CLI::App app("Measures what a notification costs.", "bench_push");
    Order order;
    app.add_option("--subscriptions", order.subscriptions_file, "endpoint, p256dh and auth on each line")
        ->required();
    app.add_option("--payload", order.payload)->required();
    CLI::App* const seal = app.add_subcommand("seal", "makes requests");
    seal->add_option("--seconds", order.seconds)->check(CLI::Range(0.1, 600.0));
    CLI::App* const send = app.add_subcommand("send", "hands requests over");
    send->add_option("--ca", order.ca_file, "who is trusted")->required();
    app.require_subcommand(1);
    CLI11_PARSE(app, argc, argv);

    std::signal(SIGPIPE, SIG_IGN);
    Bench bench(order);
    std::puts((seal->parsed() ? bench.seal() : bench.send()).c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return pipit::bench::run_program("bench_push", run, argc, argv);
}
