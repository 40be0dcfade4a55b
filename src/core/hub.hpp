#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token_verifier.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "codec/codes.hpp"
#include "codec/pipit_v1.hpp"
#include "core/cid_home.hpp"
#include "core/deadline_queue.hpp"
#include "core/encoded_event.hpp"
#include "core/frame_arena.hpp"
#include "core/group_home.hpp"
#include "core/local_groups.hpp"
#include "core/session.hpp"
#include "core/session_table.hpp"
#include "core/shard_message.hpp"
#include "core/user_home.hpp"

namespace pipit::core {

/// What the hubs of all workers have in common.
struct HubSettings {
    codec::v1::DecodeLimits decode;
    RateLimiter::Settings rate;
    auth::TokenRules token_rules;
    EventEncoder::Settings encoder;
    std::size_t message_bytes_max = 64 << 10;
    std::size_t connections_per_user_max = 32;
    base::Millis sign_in_timeout{10'000};
    base::Millis ping_interval{25'000};
    base::Millis pong_timeout{8'000};
    base::Millis drain_spread{5'000};
    std::string server_name;  ///< name/version, told to clients
    std::function<bool(std::string_view)>
        is_user_id;  ///< the form by which a bare recipient is taken for a user
};

/// What time it is in a loop turn.
struct TurnTime {
    base::Instant now;
    base::UnixSeconds unix_now = 0;
};

/// What the worker has to do when a turn ends, besides flushing the outboxes that were touched.
struct HubEffects {
    struct Closing {
        SessionAddress address;
        codec::CloseReason reason;
        std::string detail;  ///< for the close frame; empty: the catalogue's text
    };
    std::vector<Closing> closing;
    std::vector<std::vector<ShardMessage>> outgoing;  ///< by worker
    bool keys_wanted = false;                         ///< a token names a key that is not known
};

/// One worker's share of everything: its sessions, and the groups, users and connection ids that have their
/// home here.
///
/// Pure: messages and time come in; what goes out stands in outboxes and in HubEffects, to be carried out in
/// that order at the end of the turn. Owned by one worker; the hubs of other workers are reached by
/// ShardMessages only.
class Hub final : private ShardPort {
 public:
    /// The references must outlive the hub.
    Hub(const HubSettings& settings, WorkerIndex self, WorkerIndex worker_count, base::Random& random,
        FrameArena& arena, std::shared_ptr<const auth::KeyRing> keys);

    /// Every loop turn begins with this and ends with end_turn(). `congested`, by worker: those that have
    /// more waiting for them than they should; posts that concern them are refused with `unavailable`. Empty:
    /// none.
    void begin_turn(TurnTime time, std::vector<bool> congested = {}) {
        time_ = time;
        congested_ = std::move(congested);
    }
    /// Closes what was gathered, so that outboxes can be flushed.
    void end_turn() { local_groups_.end_turn(); }
    HubEffects& effects() { return effects_; }
    /// So much is gathered that the turn should end now.
    bool turn_is_full() const;

    /// A connection has finished its handshake. The session stays until lost(), also when it is closed
    /// before. `handshake_token`: the one that came with the handshake, if any.
    Session& open(Outbox& outbox, bool deflate, std::optional<std::string> handshake_token);
    /// A text message of the client, valid UTF-8.
    void receive(Session& session, std::string_view message);
    /// Any sign of life that is not a message.
    void heard(Session& session) { session.received_at = time_.now; }
    /// The client reads too slowly, or sent what is not a message of ours.
    void close(Session& session, codec::CloseReason reason, std::string detail = {});
    /// The connection has ended; the session is gone after this.
    void lost(Session& session);

    void handle(ShardMessage&& message);
    /// Looks at every session whose deadline has come.
    void tick();
    /// The answer to HubEffects::keys_wanted, and any later news. `fetched`: false when the keys could not be
    /// had.
    void keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched);

    /// From now on sessions are sent away and none of it is told to others.
    void begin_drain() { group_home_.silence_notices(); }
    /// Tells up to `count` sessions when to come back and closes them. Returns how many there were.
    std::size_t drain(std::size_t count);

    std::size_t session_count() const { return sessions_.size(); }
    /// Groups, users and connection ids that have their home here.
    std::size_t group_count() const { return group_home_.group_count(); }
    std::size_t user_count() const { return user_home_.user_count(); }
    std::size_t cid_count() const { return cid_home_.cid_count(); }

 private:
    // ShardPort
    void send(WorkerIndex to, ShardMessage message) override;
    bool is_congested(WorkerIndex worker) const override {
        return worker < congested_.size() && congested_[worker];
    }
    WorkerIndex home_of(std::string_view name) const override;
    WorkerIndex home_of(const Cid& cid) const override;

    // Commands of clients: hub_commands.cpp
    void carry_out(Session& session, codec::v1::Command&& command);
    void on_command(Session& session, std::uint64_t id, codec::v1::Refused&& refused);
    void on_command(Session& session, std::uint64_t id, codec::v1::Connect&& connect);
    void on_command(Session& session, std::uint64_t id, codec::v1::Refresh&& refresh);
    void on_command(Session& session, std::uint64_t id, codec::v1::Join&& join);
    void on_command(Session& session, std::uint64_t id, codec::v1::Leave&&);
    void on_command(Session& session, std::uint64_t id, codec::v1::Post&& post);
    void leave_group(Session& session, std::uint64_t command_id, LeaveCause cause);

    // Signing in: hub_sign_in.cpp
    void begin_sign_in(Session& session, std::uint64_t id, codec::v1::Connect&& connect);
    /// What to do about a token whose key is not known.
    enum class UnknownKey : std::uint8_t {
        wait,         ///< keys are asked for, and the token is looked at again when they arrive
        refused,      ///< they were: there is no such key
        unavailable,  ///< they could not be had: nobody knows
    };
    void check_token(Session& session, UnknownKey unknown_key);
    void wait_for_keys(const Session& session);
    void refresh_token(Session& session, Session::Refresh&& refresh, UnknownKey unknown_key);
    void hold(Session& session, std::string_view text);
    void refuse_sign_in(Session& session, codec::ErrorReason reason, codec::CloseReason close,
                        std::string message = {});
    void accept_token(Session& session, const auth::Identity& identity);
    /// When the session has to end: the verifier's leeway later than the token says.
    base::Instant token_ends_at(const Session& session) const;
    std::uint64_t token_expires_in_ms(const Session& session) const;  ///< leeway not counted, at least 0

    // Messages from workers
    void on_message(JoinGroup&& message) { group_home_.join(std::move(message)); }
    void on_message(LeaveGroup&& message) { group_home_.leave(std::move(message)); }
    void on_message(PostToGroup&& message) { group_home_.post(std::move(message)); }
    void on_message(AttachToUser&& message) { user_home_.attach(std::move(message)); }
    void on_message(DetachFromUser&& message) { user_home_.detach(std::move(message)); }
    void on_message(PostToUser&& message) { user_home_.post(std::move(message)); }
    void on_message(PostToCid&& message) { cid_home_.post(std::move(message)); }
    void on_message(Attached&& message);
    void on_message(Joined&& message);
    void on_message(Reply&& message);
    void on_message(DeliverToGroup&& message) { local_groups_.deliver(*message.group, *message.event); }
    void on_message(DeliverToSession&& message);

    // Deadlines: hub_deadlines.cpp
    void look_at(Session& session);
    void look_not_after(Session& session, base::Instant when);

    void receive_object(Session& session, std::string_view text);
    void leave_everything(Session& session);
    void send_json(Session& session, std::string_view json);
    void reply_error(Session& session, std::uint64_t id, codec::ErrorReason reason,
                     std::string_view message = {});
    /// `json_`, cleared: where answers are put together.
    std::string& fresh_json();

    const HubSettings& settings_;
    WorkerIndex self_;
    WorkerIndex worker_count_;
    base::Random& random_;
    FrameArena& arena_;
    auth::TokenVerifier verifier_;
    TurnTime time_;
    std::vector<bool> congested_;
    HubEffects effects_;
    EventEncoder encoder_;
    SessionTable sessions_;
    LocalGroups local_groups_;
    GroupHome group_home_;
    UserHome user_home_;
    CidHome cid_home_;
    DeadlineQueue deadlines_;
    std::set<SessionAddress>
        waiting_for_keys_;  ///< with a sign-in or a refresh that waits; none that is closed
    std::string json_;
};

}  // namespace pipit::core
