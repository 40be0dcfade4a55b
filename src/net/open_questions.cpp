#include "net/open_questions.hpp"

#include <utility>

namespace pipit::net {

std::uint64_t OpenQuestions::add(Asker asker, base::Instant now) {
    questions_.emplace(++last_id_, Question{std::move(asker), now + kAnswerTimeout});
    return last_id_;
}

void OpenQuestions::answer(std::uint64_t id, HubAnswer answer) {
    const auto question = questions_.extract(id);
    if (!question.empty()) question.mapped().asker(std::move(answer));
}

void OpenQuestions::tick(base::Instant now) {
    while (!questions_.empty() && questions_.begin()->second.give_up_at <= now)
        answer(questions_.begin()->first, HubAnswer::timed_out());
}

void OpenQuestions::stop() {
    while (!questions_.empty())
        answer(questions_.begin()->first, HubAnswer::while_stopping());
}

}  // namespace pipit::net
