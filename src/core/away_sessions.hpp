#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/time.hpp"
#include "core/name_map.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// Sessions of this worker whose connection was lost a moment ago: what they had is kept for the grace time,
/// so that others learn nothing of a short break. Owned by one worker.
class AwaySessions {
 public:
    /// More cannot be away at once: those that come then have no grace.
    static constexpr std::size_t kSessionsMax = 65'536;

    /// `sessions_per_user_max`: with so many away a user's next one has no grace either.
    AwaySessions(base::Millis grace, std::size_t sessions_per_user_max)
        : grace_(grace), sessions_per_user_max_(sessions_per_user_max) {}

    /// Whether a session of that user can be kept.
    bool has_room(const std::string& user) const {
        if (grace_.count() == 0 || sessions_.size() >= kSessionsMax) return false;
        const auto found = of_user_.find(user);
        return found == of_user_.end() || found->second < sessions_per_user_max_;
    }
    void add(KeptSession session, SessionAddress address, base::Instant now) {
        const Cid cid = session.cid;
        ++of_user_[*session.user];
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
        return remove(found);
    }

    /// Takes out those whose time is over; `each(Away&&)`.
    template <class Each>
    void run(base::Instant now, Each&& each) {
        while (!order_.empty() && order_.front().first <= now) {
            const auto [until, cid] = order_.front();
            order_.pop_front();
            const auto found = sessions_.find(cid);
            if (found == sessions_.end() || found->second.until != until) continue;  // it came back
            each(remove(found));
        }
    }

    std::size_t size() const { return sessions_.size(); }

 private:
    using Sessions = boost::unordered_flat_map<Cid, Away, std::hash<Cid>>;

    Away remove(Sessions::iterator at) {
        Away away = std::move(at->second);
        sessions_.erase(at);
        const auto count = of_user_.find(*away.session.user);
        if (--count->second == 0) of_user_.erase(count);
        return away;
    }

    base::Millis grace_;
    std::size_t sessions_per_user_max_;
    Sessions sessions_;
    NameMap<std::size_t> of_user_;
    std::deque<std::pair<base::Instant, Cid>>
        order_;  // every grace is as long, so this is the order in which they end
};

}  // namespace pipit::core
