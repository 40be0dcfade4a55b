#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "codec/pipit_v1.hpp"
#include "core/call_tickets.hpp"
#include "core/encoded_event.hpp"
#include "core/name_map.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// The calls that have their home on this worker, from the first ring to the last word: who is in them, on
/// whichever worker, and the order of what they say to each other. Owned by one worker.
///
///     start ──► ringing ──accept──► talking ──hang up──► gone
///                  │                  │ ▲
///                  │                  ▼ │ lost, reattach: a side may be away
///                  └──reject, cancel, timeout, nobody left──► gone
class CallHome {
 public:
    struct Settings {
        base::Millis ring_timeout;
        std::size_t held_bytes_max;  ///< of what the caller says while it rings
    };
    /// How long a call is remembered that nobody is in any more, for those who come back to it.
    static constexpr base::Millis kReattachWindow{60'000};

    CallHome(ShardPort& port, EventEncoder& encoder, CallTickets tickets, const Settings& settings)
        : port_(port), encoder_(encoder), tickets_(std::move(tickets)), settings_(settings) {}

    /// Rings the devices, of which there is at least one, and answers.
    void start(CallRequest&& request, base::Instant now);
    /// Everything below is about a call that may be unknown here, or over.
    void accept(AcceptCall&& command);
    void signal(SignalCall&& command);
    void leave(const LeaveCall& command, base::Instant now);
    /// A call that is not known here is one of before a restart: it goes on with this side.
    void reattach(const ReattachCall& command);
    /// Ends what has rung for too long, and forgets those to whom nobody has come back.
    void tick(base::Instant now);

    /// Those included that are over but not forgotten.
    std::size_t call_count() const { return calls_.size(); }

 private:
    struct Call {
        std::string id;
        std::array<std::optional<Caller>, 2> sides;  // by CallSide; absent: away, or the callee of a ring
        std::vector<Caller> ringing;
        bool talking = false;
        bool any_was_busy = false;
        bool is_over = false;           // one side has hung up, and the other was away
        std::vector<std::string> held;  // the events of what the caller has said so far
        std::size_t held_bytes = 0;
        std::optional<std::multimap<base::Instant, Call*>::iterator> deadline;

        std::optional<Caller>& side(CallSide which) { return sides[static_cast<std::size_t>(which)]; }
    };

    Call* find(std::string_view id);
    void forget(Call& call);
    void set_deadline(Call& call, base::Instant when);
    void drop_deadline(Call& call);
    static std::optional<CallSide> side_at(Call& call, const SessionAddress& address);

    void stop_ringing(const Call& call, codec::v1::CallEnd reason, const SessionAddress* but_not = nullptr);
    void end_for_caller(Call& call, codec::v1::CallEnd reason);
    void leave_ringing(Call& call, const LeaveCall& command);
    void leave_talk(Call& call, CallSide side, LeaveCall::Why why, base::Instant now);

    /// These two send what is in `json_`.
    void tell(const Caller& to, const Call& call, CallNews::Then then, std::uint64_t command_id = 0);
    void reply(const Caller& to);
    void refuse(const Caller& to, std::uint64_t command_id, codec::ErrorReason error);
    std::string& fresh_json();

    ShardPort& port_;
    EventEncoder& encoder_;
    CallTickets tickets_;
    Settings settings_;
    NameMap<std::unique_ptr<Call>> calls_;
    std::multimap<base::Instant, Call*> deadlines_;
    std::string json_;  // kept for its capacity
};

}  // namespace pipit::core
