#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/group_rule.hpp"
#include "base/time.hpp"
#include "core/arrivals.hpp"
#include "core/ids.hpp"
#include "core/local_groups.hpp"
#include "core/outbox.hpp"
#include "core/rate_limiter.hpp"
#include "core/session_calls.hpp"
#include "core/session_watches.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// One client from handshake to close, as plain state: the Hub is what moves it. One exists for every
/// connection, so what is needed only for a moment hangs on pointers.
///
///     awaiting_connect ──connect──► checking_token ──token accepted──► attaching ──user has room──► ready
///            │                       │ (keys are fetched) │              ▲    │                       │
///            │                       │                    └─► resuming ──┘    │                       │
///            └───────────────────────┴──── any refusal, timeout ─────┴────────┴───────────────────────┴──►
///            closed
struct Session {
    enum class State : std::uint8_t { awaiting_connect, checking_token, resuming, attaching, ready, closed };

    /// Only until the session is ready.
    struct SignIn {
        std::optional<std::string> token;  ///< from the handshake, or of the connect command
        std::uint64_t command_id = 0;
        std::optional<Cid> resumes;                ///< the cid that it wants to go on as
        std::optional<codec::v1::Position> since;  ///< what it has of the private messages
        std::vector<EncodedEventPtr> events;       ///< what has come for it, to be sent behind the welcome
        std::string held;  ///< what the client sent behind connect, a newline after each object
    };

    /// Only while it waits for the keys to check its token.
    struct Refresh {
        std::uint64_t command_id;
        std::string token;
    };

    /// Only while a session that goes on has not said whether it still wants to be in its group.
    struct Rejoin {
        std::string group;
        base::Instant until;
    };

    Session(SessionAddress session_address, Outbox& session_outbox, bool takes_deflate,
            const RateLimiter::Settings& rate, base::Instant now)
        : address(session_address),
          outbox(session_outbox),
          deflate(takes_deflate),
          opened_at(now),
          received_at(now),
          limiter(rate, now),
          sign_in(std::make_unique<SignIn>()) {}

    Caller caller() const { return {address, cid, user, deflate}; }

    SessionAddress address;
    Outbox& outbox;
    State state = State::awaiting_connect;
    bool deflate;
    bool token_event_sent = false;
    bool admin = false;
    bool resumed = false;  ///< it goes on as one whose connection was lost
    /// Its client can come back as the same. Otherwise its place has no grace: the others would hear that it
    /// is gone when somebody new has come in its place.
    bool can_resume = true;
    static constexpr std::uint8_t kDoesNotAnswer = 255;
    std::uint8_t heartbeats_unanswered = 0;  ///< of those sent; kDoesNotAnswer is for good
    Cid cid;
    UserId user;  ///< set from resuming or attaching on
    auth::GroupRule allowed_groups;
    base::Instant token_expires_at{};  ///< as the token says, leeway not added
    base::Instant opened_at;
    base::Instant received_at;  ///< when the client was last heard
    base::Instant ping_at{};
    base::Instant look_at = base::Instant::max();  ///< the entry of the deadline queue that counts
    RateLimiter limiter;
    std::string group;                   ///< joined, or asked for and not answered yet; empty: none
    std::uint32_t attempt = 0;           ///< counts changes of `group`, to know a late answer
    std::uint32_t joins_unanswered = 0;  ///< of this attempt
    LocalMembership membership;          ///< what it receives
    std::unique_ptr<SignIn> sign_in;
    std::unique_ptr<Refresh> refresh;
    std::unique_ptr<Rejoin> rejoin;
    std::unique_ptr<SessionWatches> watches;  ///< null: none
    std::unique_ptr<SessionCalls> calls;      ///< null: none
    std::unique_ptr<Arrivals> arrivals;       ///< null: nobody waits for any
    HostName host;                            ///< null: unknown
};

}  // namespace pipit::core
