#include "aftermath.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pipit::soak {

namespace {

// Far below the rate that a connection is allowed.
constexpr std::chrono::milliseconds kAskAgainAfter{100};

std::string newcomer(std::size_t number) {
    return fmt::format("5041c000-ffff-4000-8000-{:012x}", number);
}

/// What the server must answer when nothing is left.
bool is_answer_of_a_blank_server(const Command& command, const Reply& reply) {
    const auto* post = std::get_if<Post>(&command);
    if (post == nullptr) return reply.offset == 0u;
    return post->to.kind == Target::Kind::user ? reply.ok && !reply.offset
                                               : reply.reason == "recipient_not_found";
}

std::string describe(const Command& command) {
    const auto* post = std::get_if<Post>(&command);
    return post == nullptr ? fmt::format("group {} has members", std::get<Join>(command).group)
                           : fmt::format("{} is connected", post->to.name);
}

}  // namespace

Aftermath::Aftermath(Crowd& crowd, const std::vector<std::string>& groups,
                     const std::vector<std::string>& users, const std::vector<std::string>& cids)
    : crowd_(crowd), newcomers_(groups.size()) {
    const auto add = [&](Command command) {
        questions_.push_back({.seat = static_cast<Crowd::Seat>(questions_.size() % newcomers_),
                              .command = std::move(command)});
    };
    for (const std::string& group : groups)
        add(Join{group});
    for (const std::string& user : users)
        add(Post{{Target::Kind::user, user}});
    for (const std::string& cid : cids)
        add(Post{{Target::Kind::cid, cid}});
}

std::vector<std::string> Aftermath::ask(Clock::time_point deadline) {
    crowd_.on_reply = [this](Crowd::Seat seat, const Reply& reply) { on_reply(seat, reply); };
    for (Crowd::Seat seat = 0; seat < newcomers_; ++seat)
        crowd_.connect(seat, newcomer(seat), {});
    auto ask_at = Clock::now();
    crowd_.turn_until(
        [&] {
            if (Clock::now() >= ask_at) {
                ask_what_is_open();
                ask_at = Clock::now() + kAskAgainAfter;
            }
            return std::ranges::all_of(questions_, [](const Question& question) {
                return question.state == Question::State::answered;
            });
        },
        deadline);
    crowd_.on_reply = nullptr;

    std::vector<std::string> haunting;
    for (const Question& question : questions_) {
        if (question.state != Question::State::answered)
            haunting.push_back(describe(question.command) + " though everybody has gone");
    }
    return haunting;
}

void Aftermath::ask_what_is_open() {
    for (Question& question : questions_) {
        if (question.state != Question::State::to_ask || !crowd_.is_ready(question.seat)) continue;
        // The newcomer must not be the one who keeps the group.
        if (std::holds_alternative<Join>(question.command)) crowd_.say(question.seat, {Leave{}});
        crowd_.say(question.seat, {question.command});
        question.id = crowd_.connection(question.seat).last_id;
        question.state = Question::State::asked;
    }
}

void Aftermath::on_reply(Crowd::Seat seat, const Reply& reply) {
    for (Question& question : questions_) {
        if (question.seat != seat || question.id != reply.id) continue;
        question.state = is_answer_of_a_blank_server(question.command, reply) ? Question::State::answered
                                                                              : Question::State::to_ask;
    }
}

}  // namespace pipit::soak
