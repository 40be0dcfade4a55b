#pragma once

#include <deque>
#include <optional>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/time.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// Sessions of this worker whose connection was lost a moment ago: what they had is kept for the grace time,
/// so that others learn nothing of a short break. Owned by one worker.
class AwaySessions {
 public:
    /// More cannot be away at once: those that come then have no grace.
    static constexpr std::size_t kSessionsMax = 65'536;

    explicit AwaySessions(base::Millis grace) : grace_(grace) {}

    /// Whether a session can be kept.
    bool has_room() const { return grace_.count() > 0 && sessions_.size() < kSessionsMax; }
    void add(KeptSession session, SessionAddress address, base::Instant now) {
        const Cid cid = session.cid;
        sessions_.insert_or_assign(cid, Away{std::move(session), address, now + grace_});
        order_.emplace_back(now + grace_, cid);
    }

    struct Away {
        KeptSession session;
        SessionAddress address;  ///< what it had
        base::Instant until;
    };
    /// Takes out the user's session; nothing when it is not here.
    std::optional<Away> take(const Cid& cid, std::string_view user) {
        const auto found = sessions_.find(cid);
        if (found == sessions_.end() || *found->second.session.user != user) return std::nullopt;
        Away away = std::move(found->second);
        sessions_.erase(found);
        return away;
    }

    /// Takes out those whose time is over; `each(Away&&)`.
    template <class Each>
    void run(base::Instant now, Each&& each) {
        while (!order_.empty() && order_.front().first <= now) {
            const auto [until, cid] = order_.front();
            order_.pop_front();
            const auto found = sessions_.find(cid);
            if (found == sessions_.end() || found->second.until != until) continue;  // it came back
            Away away = std::move(found->second);
            sessions_.erase(found);
            each(std::move(away));
        }
    }

    std::size_t size() const { return sessions_.size(); }

 private:
    base::Millis grace_;
    boost::unordered_flat_map<Cid, Away, std::hash<Cid>> sessions_;
    std::deque<std::pair<base::Instant, Cid>>
        order_;  // every grace is as long, so this is the order in which they end
};

}  // namespace pipit::core
