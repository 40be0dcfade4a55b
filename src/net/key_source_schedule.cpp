#include "net/key_source_schedule.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace pipit::net {

KeySourceSchedule::KeySourceSchedule(std::span<const KeySource> sources, Timing timing) : timing_(timing) {
    for (const KeySource& source : sources)
        sources_.push_back({source.refresh, timing.retry_after});
}

std::vector<std::size_t> KeySourceSchedule::begin_due(base::Instant now) {
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Source& source = sources_[i];
        if (source.phase != Phase::waiting || source.due_at > now) continue;
        source.phase = Phase::reading;
        source.began_at = now;
        source.reload = false;
        due.push_back(i);
    }
    return due;
}

bool KeySourceSchedule::finish(std::size_t index, bool succeeded, base::Instant now) {
    Source& source = sources_[index];
    PIPIT_ASSERT(source.phase == Phase::reading);
    source.phase = Phase::finished;
    source.succeeded = succeeded;
    if (succeeded) source.retry_after = timing_.retry_after;
    const base::Millis pause = succeeded ? source.refresh : std::min(source.refresh, source.retry_after);
    if (!succeeded) source.retry_after = pause * 2;
    source.due_at = source.reload ? now : now + pause;

    if (std::ranges::find(sources_, Phase::reading, &Source::phase) != sources_.end()) return false;
    for (Source& each : sources_)
        each.phase = Phase::waiting;
    return true;
}

bool KeySourceSchedule::want(base::Instant now) {
    bool answer_follows = false;
    for (Source& source : sources_) {
        if (source.phase == Phase::reading) {
            answer_follows = true;
            continue;
        }
        if (!source.began_at || now - *source.began_at >= timing_.read_again_after) source.due_at = now;
        answer_follows |= source.due_at <= now;
    }
    return answer_follows;
}

void KeySourceSchedule::reload(base::Instant now) {
    for (Source& source : sources_) {
        source.due_at = now;
        source.reload = source.phase == Phase::reading;
    }
}

bool KeySourceSchedule::all_fresh(base::Instant now) const {
    return std::ranges::all_of(sources_, [&](const Source& source) {
        return source.succeeded && now - *source.began_at <= timing_.fresh_for;
    });
}

std::optional<base::Millis> KeySourceSchedule::idle_for(base::Instant now) const {
    std::optional<base::Millis> idle;
    for (const Source& source : sources_) {
        if (source.phase != Phase::waiting) continue;
        const base::Millis left = source.due_at <= now ? base::Millis(0) : source.due_at - now;
        idle = idle ? std::min(*idle, left) : left;
    }
    return idle;
}

}  // namespace pipit::net
