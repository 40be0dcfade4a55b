#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "base/time.hpp"
#include "net/hub_answer.hpp"

namespace pipit::net {

/// Questions over HTTP that the hub has not answered yet. Each gets exactly one answer: the hub's, or one
/// that says why there is none. Owned by one worker.
class OpenQuestions {
 public:
    /// Makes a response of the answer, and hands it over.
    using Asker = std::function<void(HubAnswer)>;

    /// Far more than the way to the other workers and back takes.
    static constexpr base::Millis kAnswerTimeout{10'000};

    /// Returns the id by which the hub answers.
    std::uint64_t add(Asker asker, base::Instant now);

    /// What the hub answers; too late, it finds nobody.
    void answer(std::uint64_t id, HubAnswer answer);

    /// Gives up those that have waited for kAnswerTimeout.
    void tick(base::Instant now);
    /// Gives up all of them, since the server stops.
    void stop();

    bool empty() const { return questions_.empty(); }

 private:
    struct Question {
        Asker asker;
        base::Instant give_up_at;
    };

    std::map<std::uint64_t, Question> questions_;  // ids rise, so the oldest comes first
    std::uint64_t last_id_ = 0;
};

}  // namespace pipit::net
