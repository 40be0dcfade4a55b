#include "net/open_questions.hpp"

#include <utility>

#include "net/question_http.hpp"

namespace pipit::net {

std::uint64_t OpenQuestions::add(HttpResponder responder, std::string origin, base::Instant now) {
    questions_.emplace(++last_id_, Question{std::move(responder), std::move(origin), now + kAnswerTimeout});
    return last_id_;
}

void OpenQuestions::answer(std::uint64_t id, std::string json) {
    end(id, [&](const std::string& origin) { return question_answer(std::move(json), origin); });
}

void OpenQuestions::refuse(std::uint64_t id, codec::ErrorReason reason, std::string json,
                           std::uint64_t retry_after_ms) {
    end(id, [&](const std::string& origin) {
        return question_error(reason, std::move(json), retry_after_ms, origin);
    });
}

void OpenQuestions::tick(base::Instant now) {
    while (!questions_.empty() && questions_.begin()->second.give_up_at <= now) {
        end(questions_.begin()->first, question_timed_out);
    }
}

void OpenQuestions::stop() {
    while (!questions_.empty())
        end(questions_.begin()->first, question_while_stopping);
}

template <class MakeResponse>
void OpenQuestions::end(std::uint64_t id, MakeResponse&& make) {
    const auto question = questions_.extract(id);
    if (question.empty()) return;
    question.mapped().responder(make(question.mapped().origin));
}

}  // namespace pipit::net
