#pragma once

#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/encoded_event.hpp"
#include "core/post_answers.hpp"
#include "core/recent_posts.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// The connection ids that have their home on this worker, and where their sessions are. Owned by one worker.
class CidHome {
 public:
    /// `key_window`: how long it is known that a post was sent already.
    CidHome(ShardPort& port, EventEncoder& encoder, PostAnswers& answers, base::Millis key_window)
        : port_(port), encoder_(encoder), answers_(answers), sent_(key_window) {}

    /// From now on it is there, and can be reached.
    void place(const Caller& caller);
    void away(const CidAway& message);
    void forget(const ForgetCid& message);
    /// Passes it on to where the session is, or answers that there is none for this user. While it is on its
    /// way from one place to another, it waits.
    void resume(Resume&& message);
    /// Sends the message to that one connection and answers; one that is unknown or away is refused. A
    /// message that was sent before is answered only.
    void post(PostToCid&& command, base::Instant now);

    /// Finds the connection that is called, if it can be reached.
    void find_callee(CallRequest& request) const;

    std::size_t cid_count() const { return places_.size(); }

 private:
    struct Place {
        SessionAddress address;
        UserId user;
        bool deflate;
        bool away = false;    // its connection was lost
        bool moving = false;  // asked to be handed over
    };
    Place* find(const Cid& cid, const SessionAddress& address);
    /// Lets those go on that have waited for it to arrive.
    void stop_waiting(const Cid& cid);

    ShardPort& port_;
    EventEncoder& encoder_;
    PostAnswers& answers_;
    RecentPosts sent_;
    boost::unordered_flat_map<Cid, Place, std::hash<Cid>> places_;
    boost::unordered_flat_map<Cid, std::vector<Resume>, std::hash<Cid>> waiting_;
};

}  // namespace pipit::core
