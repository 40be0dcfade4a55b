#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/time.hpp"
#include "codec/codes.hpp"
#include "net/service.hpp"

namespace pipit::net {

/// Questions over HTTP that the hub has not answered yet. Each gets exactly one answer: the hub's, or 503.
/// Owned by one worker.
class OpenQuestions {
 public:
    /// Far more than the way to the other workers and back takes.
    static constexpr base::Millis kAnswerTimeout{10'000};

    /// Returns the id by which the hub answers. `origin` as in HttpQuestion.
    std::uint64_t add(HttpResponder responder, std::string origin, base::Instant now);

    // What the hub answers; too late, it finds nobody. The arguments are those of question_http.hpp.
    void answer(std::uint64_t id, std::string json);
    void refuse(std::uint64_t id, codec::ErrorReason reason, std::string json, std::uint64_t retry_after_ms);

    /// Gives up those that have waited for kAnswerTimeout.
    void tick(base::Instant now);
    /// Gives up all of them, since the server stops.
    void stop();

    bool empty() const { return questions_.empty(); }

 private:
    struct Question {
        HttpResponder responder;
        std::string origin;
        base::Instant give_up_at;
    };

    /// `make(origin)` is called when the question is still open.
    template <class MakeResponse>
    void end(std::uint64_t id, MakeResponse&& make);

    std::map<std::uint64_t, Question> questions_;  // ids rise, so the oldest comes first
    std::uint64_t last_id_ = 0;
};

}  // namespace pipit::net
