// Measures lists inside the server: pages while members come and go, what the order costs, and memory.

#include <chrono>
#include <cstdio>
#include <functional>
#include <malloc.h>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/group_index.hpp"
#include "lists/town.hpp"
#include "load/histogram.hpp"

namespace pipit::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t ns_since(Clock::time_point begin) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count());
}

/// What this process has from the heap.
std::uint64_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

struct Question {
    std::string name;
    std::function<std::string()> command;
    std::function<void(std::string_view answer)> answered = [](std::string_view) {};
};

/// Pages through all groups by number, the next page each time, and begins again at the end.
Question next_page() {
    const auto start_key = std::make_shared<std::string>("null");
    return {.name = "by number, next page",
            .command =
                [start_key] {
                    return fmt::format(
                        R"({{"id":4,"op":"groups","searchFor":"number_of_users","limit":50,"startKey":{}}})",
                        *start_key);
                },
            .answered =
                [start_key](std::string_view answer) {
                    constexpr std::string_view kName = "\"startKey\":";
                    const std::size_t begin = answer.rfind(kName) + kName.size();
                    *start_key = answer.substr(begin, answer.find('}', begin) + 1 - begin);
                    if (start_key->starts_with('"')) *start_key = "null";
                }};
}

std::vector<Question> questions(Town& town, const TownSize& size) {
    const auto any_name = [&town, &size] { return town.group_name(town.random_below(size.groups)); };
    return {
        {"by name",
         [=] {
             return fmt::format(
                 R"({{"id":4,"op":"groups","searchFor":"group","value":"{}","condition":">","limit":50}})",
                 any_name());
         }},
        {"by name, backwards",
         [=] {
             return fmt::format(
                 R"({{"id":4,"op":"groups","searchFor":"group","value":"{}","condition":"<","limit":50,"ascending":false}})",
                 any_name());
         }},
        {"by prefix",
         [=] {
             const std::string name = any_name();
             return fmt::format(
                 R"({{"id":4,"op":"groups","searchFor":"group","value":"{}","condition":">=","limit":50}})",
                 std::string_view(name).substr(0, name.size() - 2));
         }},
        {"by number, range",
         [=, &town] {
             const std::uint32_t least = 1 + town.random_below(12);
             return fmt::format(
                 R"({{"id":4,"op":"groups","searchFor":"number_of_users","value":{},"range":{},"limit":50}})",
                 least, least + 3);
         }},
        next_page(),
        {"largest first",
         [] {
             return std::string(
                 R"({"id":4,"op":"groups","searchFor":"number_of_users","ascending":false,"limit":50})");
         }},
        {"members of a group",
         [=, &town] {
             return fmt::format(R"({{"id":4,"op":"users","group":"{}","limit":50}})",
                                town.group_name(town.random_below(1'000)));
         }},
    };
}

/// Asks for `seconds`, while members come and go at `churn_per_second`. Times are of one question from its
/// text to its answer.
boost::json::object measure(Town& town, const Question& question, double seconds, double churn_per_second) {
    Histogram times;
    std::uint64_t asked = 0;
    std::uint64_t churned = 0;
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t now_ns = 0; static_cast<double>(now_ns) < seconds * 1e9; now_ns = ns_since(begin)) {
        const auto due = static_cast<std::uint64_t>(static_cast<double>(now_ns) * 1e-9 * churn_per_second);
        for (; churned < due; ++churned)
            town.churn();
        const std::string command = question.command();
        const Clock::time_point asked_at = Clock::now();
        const std::string_view answer = town.ask(command);
        times.add(ns_since(asked_at));
        ++asked;
        question.answered(answer);
        if (answer.find("\"ok\"") == std::string_view::npos)
            throw std::runtime_error(fmt::format("{} -> {}", command, answer));
    }
    return {{"question", question.name},
            {"asked", asked},
            {"joins_and_leaves_per_second", static_cast<double>(churned) / seconds},
            {"p50_us", static_cast<double>(times.quantile_ns(0.5)) / 1e3},
            {"p99_us", static_cast<double>(times.quantile_ns(0.99)) / 1e3},
            {"max_us", static_cast<double>(times.quantile_ns(1)) / 1e3}};
}

/// Nanoseconds of the order alone for one join or leave: the same groups and members, kept in order and
/// nothing else done with them.
double order_ns(Town& town, const TownSize& size, std::uint32_t changes) {
    struct NoBytes final : base::Random {
        void fill(std::span<std::uint8_t> out) override {
            std::fill(out.begin(), out.end(), std::uint8_t{0});
        }
    } no_bytes;
    std::mt19937_64 random(7);
    std::vector<std::unique_ptr<core::Group>> groups;
    std::vector<std::pair<core::UserId, core::Cid>> members;
    std::vector<bool> is_in(size.members, true);
    core::GroupIndex index;
    for (std::uint32_t i = 0; i < size.groups; ++i) {
        auto name = std::make_shared<const std::string>(town.group_name(i));
        index.add(*groups.emplace_back(
            std::make_unique<core::Group>(std::move(name), no_bytes, core::WorkerIndex{1})));
    }
    const auto change = [&](std::uint32_t member, bool joins) {
        core::Group& group = *groups[town.group_of(member)];
        const auto& [user, cid] = members[member];
        if (joins) {
            group.members.add(user, cid, {});
        } else {
            group.members.remove(user, cid);
        }
        index.update(group);
    };
    for (std::uint32_t member = 0; member < size.members; ++member) {
        core::Cid cid;
        for (std::uint8_t& byte : cid.bytes)
            byte = static_cast<std::uint8_t>(random());
        members.emplace_back(std::make_shared<const std::string>(town.user_of(member)), cid);
        change(member, true);
    }
    const Clock::time_point begin = Clock::now();
    for (std::uint32_t i = 0; i < changes; ++i) {
        const auto member = static_cast<std::uint32_t>(random() % size.members);
        is_in[member] = !is_in[member];
        change(member, is_in[member]);
    }
    const double ns = static_cast<double>(ns_since(begin)) / changes;
    for (const auto& group : groups)
        index.remove(*group);
    return ns;
}

int run(const TownSize& size, double seconds, double churn_per_second, std::uint64_t seed) {
    constexpr std::uint32_t kChanges = 300'000;
    fmt::print(stderr, "signing in {} connections ...\n", size.members);
    Town town(size, seed);
    const std::uint64_t before = heap_bytes();
    fmt::print(stderr, "joining {} groups ...\n", size.groups);
    town.join_all();
    const double member_bytes = static_cast<double>(heap_bytes() - before) / size.members;

    boost::json::array pages;
    for (const Question& question : questions(town, size)) {
        fmt::print(stderr, "{} ...\n", question.name);
        pages.push_back(measure(town, question, seconds, churn_per_second));
    }
    fmt::print(stderr, "joins and leaves ...\n");
    const Clock::time_point begin = Clock::now();
    for (std::uint32_t i = 0; i < kChanges; ++i)
        town.churn();
    const double change_ns = static_cast<double>(ns_since(begin)) / kChanges;
    const double order = order_ns(town, size, kChanges);

    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"groups", size.groups},
                                                                  {"members", size.members},
                                                                  {"seed", seed},
                                                                  {"pages", pages},
                                                                  {"join_or_leave_ns", change_ns},
                                                                  {"order_ns", order},
                                                                  {"order_share", order / change_ns},
                                                                  {"bytes_per_member", member_bytes}}));
    return 0;
}

}  // namespace
}  // namespace pipit::bench

int main(int argc, char** argv) {
    pipit::bench::TownSize size;
    double seconds = 5;
    double churn_per_second = 5'000;
    std::uint64_t seed = 1;
    CLI::App app("Measures lists of groups and members inside the server; prints one JSON object.");
    app.add_option("--groups", size.groups, "how many groups")->capture_default_str();
    app.add_option("--members", size.members, "how many connections, each in one group")
        ->capture_default_str();
    app.add_option("--seconds", seconds, "for each question")->capture_default_str();
    app.add_option("--churn", churn_per_second, "joins and leaves a second meanwhile")->capture_default_str();
    app.add_option("--seed", seed, "of everything that is random")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return pipit::bench::run(size, seconds, churn_per_second, seed);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
