// The soak test: a thousand WebSocket clients do to a real server whatever they can, and a model of
// protocol/PROTOCOL.md judges all that they hear. The dice are those of the seed; the timing is the machine's
// own.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "aftermath.hpp"
#include "storm.hpp"

namespace {

using namespace pipit::soak;

// Long enough for a sanitizer on a busy machine; a healthy server needs a small part of it.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kRound{5};
// Most come back sooner than that, and some do not.
constexpr std::chrono::milliseconds kGrace{1'500};
// For a server time stands still while it deals with all that has come: under a sanitizer, with a thousand
// clients, that takes so long that a loss may seem to have been some 100 ms before it was.
constexpr std::chrono::milliseconds kInTime{1'000};

struct Options {
    std::filesystem::path program = "build/release/bin/pipit";
    std::uint64_t seed = std::random_device{}();
    double seconds = 60;
    std::size_t clients = 1'000;
};

class Report {
 public:
    void add(const Fault& fault) {
        failed_ = true;
        if (++shown_ > kShownMax) return;
        fmt::print(stderr, "FAULT {}\n", fault.what);
        for (const std::string& line : fault.history)
            fmt::print(stderr, "      {}\n", line);
    }
    void add(const std::string& what) { add(Fault{what, {}}); }
    bool failed() const { return failed_; }

 private:
    static constexpr int kShownMax = 5;
    bool failed_ = false;
    int shown_ = 0;
};

/// Everything up to the end of the clients.
void soak(const Options& options, ServerProcess& server, Report& report) {
    const auto soon = [] { return Clock::now() + kPatience; };
    const Scene scene = make_scene(40, std::max<std::size_t>(1, options.clients * 2 / 5));
    Crowd crowd(server, std::max(options.clients, scene.groups.size()), options.seed, kInTime);
    pipit::bench::raise_file_limit();
    Storm storm(crowd, scene);
    std::vector<std::uint64_t> rss_bytes;

    const auto settle = [&](bool in_time, const char* what) {
        if (!in_time) {
            for (const Fault& fault : crowd.model().faults())
                report.add(fault);
            if (!report.failed()) {
                report.add(fmt::format("{} took more than {} s", what, kPatience.count()));
                for (const Fault& fault : crowd.model().unsettled())
                    report.add(fault);
            }
        }
        return in_time;
    };

    if (!settle(storm.gather(soon()), "to let everybody in")) return;
    const auto end =
        Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1'000));
    while (Clock::now() < end) {
        storm.rage(std::min(end, Clock::now() + kRound));
        if (!settle(storm.calm(soon()), "to come to rest")) return;
        rss_bytes.push_back(server.rss_bytes());
    }
    if (!settle(storm.scatter(soon()), "to let everybody go")) return;

    Aftermath aftermath(crowd, scene.groups, scene.users, storm.seen_cids());
    for (const std::string& ghost : aftermath.ask(soon()))
        report.add(ghost);
    if (!settle(storm.calm(soon()), "to come to rest with newcomers")) return;

    server.terminate();
    if (!crowd.watch_the_end(soon())) report.add("the server does not stop");
    for (const Fault& fault : crowd.model().faults())
        report.add(fault);
    for (Crowd::Seat seat = 0; seat < crowd.size(); ++seat) {
        if (!crowd.is_free(seat)) report.add(crowd.connection(seat).cid + " was not sent away");
    }

    const Counts& counts = crowd.model().counts();
    const auto& drops = storm.drops();
    fmt::print(
        "{} connections ({} closed, {} changed, {} half closed, {} reset, {} taken over; {} resumed)\n",
        counts.connections, drops.closes, drops.changes, drops.half_closes, drops.resets, drops.takeovers,
        counts.resumed);
    fmt::print("{} commands, {} posts\n", counts.commands, counts.posts);
    fmt::print("{} deliveries: {} messages, {} notices, {} private\n",
               counts.messages + counts.notices + counts.privates, counts.messages, counts.notices,
               counts.privates);
    fmt::print("server memory after each round, MiB:");
    for (const std::uint64_t bytes : rss_bytes)
        fmt::print(" {}", bytes >> 20);
    fmt::print("\n");
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app("Soaks a Pipit server in a thousand clients and checks all that they hear.", "pipit_soak");
    app.add_option("--pipit", options.program, "the server to start")->envname("PIPIT_BIN");
    app.add_option("--seconds", options.seconds, "how long")
        ->check(CLI::Range(0.1, 86'400.0))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "of the dice; without it a new one");
    app.add_option("--clients", options.clients, "how many")
        ->check(CLI::Range(1, 20'000))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    fmt::print("pipit_soak --seed {} --seconds {} --clients {}\n", options.seed, options.seconds,
               options.clients);
    std::fflush(stdout);
    Report report;
    // Often enough to be part of the run, and patient with a machine that has much else to do. The outbox
    // must hold what a client cannot read while this process does something else.
    ServerProcess server(options.program,
                         {"heartbeat.ping_interval_ms=5000", "heartbeat.pong_timeout_ms=5000",
                          "limits.outbox_bytes_max=67108864", "drain.spread_ms=0",
                          fmt::format("presence.grace_ms={}", kGrace.count()),
                          // Everything ends with the last one who is there.
                          "history.age_max_s=0", "history.key_window_s=0"});
    server.wait_until_it_listens();
    soak(options, server, report);
    if (!report.failed()) {
        if (const auto failure = server.verdict()) report.add(*failure + ":\n" + server.log());
    } else {
        fmt::print(stderr, "the server's log:\n{}", server.log());
    }
    if (report.failed()) fmt::print(stderr, "again with --seed {}\n", options.seed);
    return report.failed() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "pipit_soak: {}\n", error.what());
        return 1;
    }
}
