#include "storm.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

namespace pipit::soak {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kArrivingMax = 100;
// What bounds the load: so much is unanswered at any time, and no more of one connection.
constexpr std::size_t kUnansweredMax = 400;
constexpr std::size_t kUnansweredMaxOfOne = 12;

}  // namespace

Scene make_scene(std::size_t groups, std::size_t users) {
    Scene scene;
    for (std::size_t i = 0; i < groups; ++i) {
        constexpr std::array<const char*, 4> kForms{"tea room {}", "部屋 {} ☕", R"(quoted "{}" \ back)",
                                                    "plain-{}"};
        scene.groups.push_back(fmt::format(fmt::runtime(kForms[i % kForms.size()]), i));
    }
    for (std::size_t i = 0; i < users; ++i)
        scene.users.push_back(fmt::format("5041c000-0000-4000-8000-{:012x}", i));
    return scene;
}

bool Storm::gather(Clock::time_point deadline) {
    Crowd::Seat next = 0;
    std::size_t ready = 0;
    return crowd_.turn_until(
        [&] {
            while (ready < next && crowd_.is_ready(static_cast<Crowd::Seat>(ready)))
                ++ready;
            for (; next < crowd_.size() && next - ready < kArrivingMax; ++next)
                arrive(next);
            return ready == crowd_.size();
        },
        deadline);
}

void Storm::rage(Clock::time_point end) {
    crowd_.on_reply = [this](Crowd::Seat, const Reply& reply) {
        if (!reply.cid.empty()) welcome(reply.cid);
    };
    while (Clock::now() < end && crowd_.model().faults().empty()) {
        // A turn may bring no room for more, and then some seats are tried in vain: bounded, too.
        for (std::size_t tries = 0;
             tries < kUnansweredMax && crowd_.model().unanswered_count() < kUnansweredMax; ++tries)
            act(static_cast<Crowd::Seat>(below(crowd_.size())));
        crowd_.turn(milliseconds(10));
    }
    crowd_.on_reply = nullptr;
}

void Storm::welcome(const std::string& cid) {
    // At once and through another connection: who is told its cid must be found by it from everywhere.
    const auto seat = static_cast<Crowd::Seat>(below(crowd_.size()));
    if (crowd_.is_ready(seat)) crowd_.say(seat, {Post{{Target::Kind::cid, cid}}});
}

bool Storm::calm(Clock::time_point deadline) {
    const auto is_settled = [&] {
        return crowd_.model().unanswered_count() == 0 && crowd_.model().unsettled().empty();
    };
    return crowd_.turn_until(is_settled, deadline);
}

bool Storm::scatter(Clock::time_point deadline) {
    for (Crowd::Seat seat = 0; seat < crowd_.size(); ++seat) {
        if (!crowd_.is_free(seat) && crowd_.connection(seat).open) depart(seat);
    }
    return crowd_.turn_until(
        [&] {
            for (Crowd::Seat seat = 0; seat < crowd_.size(); ++seat) {
                if (!crowd_.is_free(seat)) return false;
            }
            return true;
        },
        deadline);
}

void Storm::act(Crowd::Seat seat) {
    if (crowd_.is_free(seat)) {
        arrive(seat);
        return;
    }
    const Connection& connection = crowd_.connection(seat);
    if (!connection.open || connection.unanswered.size() >= kUnansweredMaxOfOne) return;
    const std::uint64_t dice = below(1'000);
    if (dice < 15) {
        depart(seat);
    } else if (crowd_.is_ready(seat)) {
        seen_cids_[below(seen_cids_.size())] = connection.cid;
        crowd_.say(seat, bundle(connection));
    }
}

void Storm::arrive(Crowd::Seat seat) {
    const Connection* lost = crowd_.lost(seat);
    if (lost != nullptr && below(4) != 0) return crowd_.come_back(seat, resumption(*lost));
    const auto neighbour = static_cast<Crowd::Seat>(seat + scene_.users.size());
    if (neighbour < crowd_.size() && crowd_.is_ready(neighbour) && below(2) == 0) {
        ++drops_.takeovers;
        return crowd_.take_over(seat, neighbour, resumption(crowd_.connection(neighbour)));
    }
    std::vector<Command> commands;
    if (below(2) == 0) commands.push_back(Join{any_group()});
    crowd_.connect(seat, scene_.users[seat % scene_.users.size()], std::move(commands));
}

std::vector<Command> Storm::resumption(const Connection& earlier) {
    const std::string& group = below(4) == 0 ? any_group() : earlier.group;
    if (group.empty() || below(8) == 0) return {};
    return {Join{group}};
}

void Storm::depart(Crowd::Seat seat) {
    switch (below(4)) {
        case 0:
            ++drops_.closes;
            return crowd_.depart(seat, Crowd::Departure::close);
        case 1:
            ++drops_.changes;
            return crowd_.depart(seat, Crowd::Departure::change);
        case 2:
            ++drops_.half_closes;
            return crowd_.depart(seat, Crowd::Departure::half_close);
        default:
            ++drops_.resets;
            return crowd_.depart(seat, Crowd::Departure::reset);
    }
}

std::vector<std::string> Storm::seen_cids() const {
    std::vector<std::string> cids;
    std::ranges::copy_if(seen_cids_, std::back_inserter(cids),
                         [](const std::string& cid) { return !cid.empty(); });
    return cids;
}

std::vector<Command> Storm::bundle(const Connection& connection) {
    const std::uint64_t dice = below(100);
    if (dice < 75) return {post(connection)};
    if (dice < 84) return {Join{any_group()}};
    if (dice < 87) return {Leave{}};
    if (dice < 89) return {Refresh{crowd_.token_for(connection.user)}};
    if (dice < 92 && !connection.group.empty())
        return {post(connection), Join{connection.group}, post(connection)};
    if (dice < 95) {
        const std::string& group = any_group();
        return {Join{group}, Post{{Target::Kind::group, group}}, Leave{}};
    }
    // Two groups and back, quicker than the first can answer.
    const std::string& first = any_group();
    const std::string& second = any_group();
    return {Join{first}, Post{{Target::Kind::group, first}}, Join{second}, Join{first},
            Post{{Target::Kind::group, first}}};
}

Command Storm::post(const Connection& connection) {
    const std::uint64_t dice = below(100);
    if (dice < 18) return Post{{Target::Kind::user, scene_.users[below(scene_.users.size())]}};
    const std::string& cid = seen_cids_[below(seen_cids_.size())];
    if (dice < 30 && !cid.empty()) return Post{{Target::Kind::cid, cid}};
    // One in a hundred goes to a group that the sender is, most likely, not in.
    const bool stray = dice == 99 || connection.group.empty();
    return Post{{Target::Kind::group, stray ? any_group() : connection.group}};
}

const std::string& Storm::any_group() {
    // The square makes the first groups crowded and the last ones come and go.
    const std::uint64_t dice = below(1'000);
    return scene_.groups[dice * dice * scene_.groups.size() / 1'000'000];
}

}  // namespace pipit::soak
