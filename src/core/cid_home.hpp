#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/encoded_event.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// The connection ids that have their home on this worker, and where their sessions are. Owned by one worker.
class CidHome {
 public:
    CidHome(ShardPort& port, EventEncoder& encoder) : port_(port), encoder_(encoder) {}

    /// From now on it is there.
    void place(const Caller& caller);
    void away(const CidAway& message);
    void forget(const ForgetCid& message);
    /// Passes it on to where the session is, or answers that there is none.
    void resume(Resume&& message);
    /// Sends the message to that one connection and answers; one that is unknown or away is refused.
    void post(PostToCid&& command);

    std::size_t cid_count() const { return places_.size(); }

 private:
    struct Place {
        SessionAddress address;
        bool deflate;
        bool away;
    };
    Place* find(const Cid& cid, const SessionAddress& address);

    ShardPort& port_;
    EventEncoder& encoder_;
    boost::unordered_flat_map<Cid, Place, std::hash<Cid>> places_;
};

}  // namespace pipit::core
