// Delivers what its input says through net::PushSender: one JSON object a line on standard input,
//   {"id":1,"user":"ann","url":"https://…","body":"…"}
// and one a line on standard output for each outcome, in the order they come. The end of the input closes the
// sender when all has been delivered, "close" as a line at once.
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "net/os.hpp"
#include "net/push_sender.hpp"
#include "resolver.hpp"

using namespace pipit;

namespace {

constexpr push::RetryPolicy kPolicy;
constexpr base::Millis kTtlLeft = std::chrono::hours(1);

std::string_view verdict_name(push::AttemptVerdict::Kind kind) {
    using Kind = push::AttemptVerdict::Kind;
    switch (kind) {
        case Kind::delivered:
            return "delivered";
        case Kind::subscription_gone:
            return "subscription_gone";
        case Kind::refused:
            return "refused";
        case Kind::retry:
            return "retry";
        case Kind::expired:
            return "expired";
    }
    return "";
}

/// Prints outcomes and lets the input wait for them.
class Outcomes {
 public:
    void on_outcome(const net::PushOutcome& outcome) {
        net::OsRandom random;
        const auto verdict =
            push::judge_attempt(outcome.answer(), 1, kTtlLeft, net::unix_now(), kPolicy, random);
        fmt::print("{}\n", boost::json::serialize(boost::json::object{
                               {"id", outcome.id},
                               {"error", net::push_error_name(outcome.error)},
                               {"status", outcome.status},
                               {"reason", outcome.reason},
                               {"verdict", verdict_name(verdict.kind)},
                               {"retry_in_ms", verdict.retry_in.count()},
                           }));
        std::fflush(stdout);
        end_one();
    }
    void on_refusal(std::uint64_t id, std::string_view handover) {
        fmt::print("{}\n", boost::json::serialize(boost::json::object{{"id", id}, {"handover", handover}}));
        std::fflush(stdout);
        end_one();
    }

    void expect_one() {
        const std::lock_guard lock(mutex_);
        ++open_;
    }
    void wait_until_at_most(std::size_t open) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_ <= open; });
    }

 private:
    void end_one() {
        const std::lock_guard lock(mutex_);
        --open_;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t open_ = 0;
};

net::PushJob parse_job(const std::string& line) {
    const auto fields = boost::json::parse(line).as_object();
    const auto text = [&](const char* name) { return std::string(fields.at(name).as_string()); };
    auto endpoint = push::Endpoint::parse(text("url")).value();
    auto request = push::make_push_request(endpoint, {}, "the.vapid.token", "the-vapid-key", text("body"));
    return {.id = fields.at("id").to_number<std::uint64_t>(),
            .user = text("user"),
            .endpoint = std::move(endpoint),
            .request = std::move(request)};
}

std::string_view handover_name(net::PushSender::Handover handover) {
    using Handover = net::PushSender::Handover;
    switch (handover) {
        case Handover::accepted:
            return "accepted";
        case Handover::queue_full:
            return "queue_full";
        case Handover::origin_full:
            return "origin_full";
        case Handover::closed:
            return "closed";
    }
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Delivers push messages for tests/push/deliver_test.mjs."};
    net::PushSenderSettings settings;
    std::vector<std::string> admitted;
    std::vector<std::string> names;
    std::size_t open_max = 0;
    long patience_ms = 0;
    long connect_timeout_ms = settings.transfer.connect_timeout.count();
    long total_timeout_ms = settings.transfer.total_timeout.count();
    app.add_option("--admit", admitted, "hosts that may have private addresses");
    app.add_option("--resolve", names, "NAME=ADDRESS: what a name server would say");
    app.add_option("--ca", settings.transfer.ca_file, "who is trusted");
    app.add_option("--connect-timeout-ms", connect_timeout_ms);
    app.add_option("--total-timeout-ms", total_timeout_ms);
    app.add_option("--waiting-max", settings.queue.waiting_max);
    app.add_option("--waiting-per-origin-max", settings.queue.waiting_per_origin_max);
    app.add_option("--in-flight-max", settings.queue.in_flight_max);
    app.add_option("--in-flight-per-origin-max", settings.queue.in_flight_per_origin_max);
    app.add_option("--open-max", open_max, "reads on only while fewer are open; 0: reads all");
    app.add_option("--patience-ms", patience_ms, "when closed");
    CLI11_PARSE(app, argc, argv);

    std::signal(SIGPIPE, SIG_IGN);
    for (const std::string& name : names)
        resolver::answer(name.substr(0, name.find('=')), name.substr(name.find('=') + 1));
    settings.transfer.targets = push::TargetRules::admitting(admitted).value();
    settings.transfer.connect_timeout = base::Millis(connect_timeout_ms);
    settings.transfer.total_timeout = base::Millis(total_timeout_ms);

    Outcomes outcomes;
    net::PushSender sender(settings, [&](const net::PushOutcome& outcome) { outcomes.on_outcome(outcome); });
    bool is_closing = false;
    for (std::string line; !is_closing && std::getline(std::cin, line);) {
        if (line == "close") {
            is_closing = true;
            continue;
        }
        if (open_max > 0) outcomes.wait_until_at_most(open_max - 1);
        net::PushJob job = parse_job(line);
        const std::uint64_t id = job.id;
        outcomes.expect_one();
        const auto handover = sender.send(std::move(job));
        if (handover == net::PushSender::Handover::accepted) continue;
        outcomes.on_refusal(id, handover_name(handover));
    }
    if (!is_closing) outcomes.wait_until_at_most(0);
    sender.close(base::Millis(patience_ms));
    return 0;
}
