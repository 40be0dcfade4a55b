// The load generator: plays all clients of one scenario against one server that is running, and prints what
// it measured as a JSON object. bench/run starts it; see bench/README.md.

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "common/program.hpp"
#include "common/socket.hpp"
#include "load/recovery.hpp"
#include "load/report.hpp"

namespace {

using namespace pipit::bench;

std::string measure(const Order& order, const std::filesystem::path& key_file, std::uint32_t missed) {
    const auto& scenario = order.scenario;
    if (scenario.name == "recovery") {
        const RecoveringWire wire(read_secret(key_file), scenario.members_per_room * scenario.rooms);
        return measure_recovery(order, wire, missed);
    }
    return scenario.outstanding == 0 ? measure_idle(order) : measure_traffic(order);
}

int run(int argc, char** argv) {
    CLI::App app("Plays the clients of one benchmark scenario.", "bench_load");
    std::string wire_name, scenario_name;
    std::filesystem::path key_file;
    std::uint16_t port = 0;
    pid_t pid = 0;
    std::uint32_t connections = 0, missed = 0;
    double seconds = 5, warm_up_seconds = 1;
    app.add_option("--wire", wire_name, "pipit, bare, ws, socketio or nchan")->required();
    app.add_option(
           "--scenario", scenario_name,
           "fanout1, fanout16, bursts50, groups, pingpong, posts1, posts16, posts256, idle or recovery")
        ->required();
    app.add_option("--port", port, "of the server on 127.0.0.1")->required();
    app.add_option("--pid", pid, "of the server; its descendants are measured with it")->required();
    app.add_option("--key-file", key_file, "what Pipit signs its tokens with");
    app.add_option("--connections", connections, "of the scenarios idle and recovery; a multiple of 100");
    app.add_option("--missed", missed, "of the scenario recovery: messages that each has missed");
    app.add_option("--seconds", seconds, "to measure")->check(CLI::Range(0.1, 600.0));
    app.add_option("--warm-up-seconds", warm_up_seconds, "before")->check(CLI::Range(0.0, 60.0));
    CLI11_PARSE(app, argc, argv);

    const auto scenario = std::ranges::find(scenarios(), scenario_name, &Scenario::name);
    const auto wire = make_wire(wire_name, key_file);
    if (scenario == scenarios().end() || !wire) {
        std::fprintf(stderr, "bench_load: unknown wire or scenario\n");
        return 2;
    }

    raise_file_limit();
    const ProcessTree server(pid);
    const auto in_ms = [](double s) {
        return std::chrono::milliseconds(static_cast<std::int64_t>(s * 1'000));
    };
    Order order{*wire, port, server, *scenario, in_ms(warm_up_seconds), in_ms(seconds)};
    if (scenario->outstanding == 0) order.scenario.rooms = connections / order.scenario.members_per_room;
    std::puts(measure(order, key_file, missed).c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return pipit::bench::run_program("bench_load", run, argc, argv);
}
