#pragma once

#include <concepts>
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
#include "core/away_sessions.hpp"
#include "core/call_home.hpp"
#include "core/cid_home.hpp"
#include "core/deadline_queue.hpp"
#include "core/frame_arena.hpp"
#include "core/group_home.hpp"
#include "core/group_search.hpp"
#include "core/hub_settings.hpp"
#include "core/lists.hpp"
#include "core/local_groups.hpp"
#include "core/session.hpp"
#include "core/session_table.hpp"
#include "core/stream_keeper.hpp"
#include "core/user_home.hpp"
#include "core/watch_home.hpp"

namespace pipit::core {

/// The commands that are asked of whoever sends notifications, by sessions and without one alike.
template <class What>
concept AboutPush = std::same_as<What, codec::v1::VapidKey> || std::same_as<What, codec::v1::Subscribe> ||
    std::same_as<What, codec::v1::Unsubscribe> || std::same_as<What, codec::v1::Resubscribe> ||
    std::same_as<What, codec::v1::Push> || std::same_as<What, codec::v1::Pushed>;

/// One worker's share of everything: its sessions, and the groups, users and connection ids that have their
/// home here.
///
/// Pure: messages and time come in; what goes out stands in outboxes and in HubEffects, to be carried out in
/// that order at the end of the turn. Owned by one worker; the hubs of other workers are reached by
/// ShardMessages only.
class Hub final : private ShardPort, private LogPort {
 public:
    /// The references must outlive the hub.
    Hub(const HubSettings& settings, WorkerIndex self, WorkerIndex worker_count, base::Random& random,
        FrameArena& arena, std::shared_ptr<const auth::KeyRing> keys);

    /// Every loop turn begins with this and ends with end_turn(). `congested`, by worker: those that have
    /// more waiting for them than they should; posts that concern them are refused with `unavailable`. Empty:
    /// none.
    /// `push_congested`: so much waits for the one who sends notifications that nothing more is to be asked
    /// of it.
    /// `log_congested`: the same of the one who keeps histories on disk.
    void begin_turn(TurnTime time, std::vector<bool> congested = {}, bool push_congested = false,
                    bool log_congested = false) {
        time_ = time;
        congested_ = std::move(congested);
        push_congested_ = push_congested;
        log_congested_ = log_congested;
    }
    /// Closes what was gathered, so that outboxes can be flushed.
    void end_turn() {
        local_groups_.end_turn();
        streams_.make_room();
    }
    HubEffects& effects() { return effects_; }
    /// So much is gathered that the turn should end now.
    bool turn_is_full() const;

    /// A connection has finished its handshake. The session stays until lost(), also when it is closed
    /// before. `handshake_token`: the one that came with the handshake, if any. `host`: the name by which the
    /// client has reached us, as rtc::ice_servers_json takes it; null when that is not known.
    Session& open(Outbox& outbox, bool deflate, std::optional<std::string> handshake_token,
                  HostName host = nullptr);
    /// A text message of the client, valid UTF-8.
    void receive(Session& session, std::string_view message);
    /// Any sign of life that is not a message.
    void heard(Session& session) { session.received_at = time_.now; }
    /// The client reads too slowly, or sent what is not a message of ours.
    void close(Session& session, codec::CloseReason reason, std::string detail = {});
    /// The connection is being closed, by the client or for what it has sent; with this code if there is one.
    void closing(Session& session, std::optional<std::uint16_t> code);
    /// The connection has ended; the session is gone after this.
    void lost(Session& session);

    /// Asks something on behalf of the token's user, without a session. `command` is a `groups`, `users`,
    /// `history` or `ice` command of pipit.v1, or one about notifications, valid UTF-8. The answer comes in
    /// HubEffects::answers, once, in this turn or a later one. `id` is the caller's to choose, different from
    /// those that wait. `host` as in open().
    void ask(std::uint64_t id, std::string_view token, std::string_view command, HostName host = nullptr);
    /// The same for what one need not be signed in for: `resubscribe`.
    void ask_unsigned(std::uint64_t id, std::string_view command);

    void handle(ShardMessage&& message);
    /// Looks at every session whose deadline has come.
    void tick();
    /// The answer to HubEffects::keys_wanted, and any later news. `fetched`: false when the keys could not be
    /// had.
    void keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched);

    /// From now on sessions are sent away and none of it is told to others.
    void begin_drain();
    /// Tells up to `count` sessions when to come back and closes them. Returns how many there were.
    std::size_t drain(std::size_t count);

    std::size_t session_count() const { return sessions_.size(); }
    /// Groups, users and connection ids that have their home here.
    std::size_t group_count() const { return group_home_.group_count(); }
    std::size_t user_count() const { return user_home_.user_count(); }
    std::size_t cid_count() const { return cid_home_.cid_count(); }
    /// Memory of what is kept here of streams, about.
    std::size_t history_bytes() const { return streams_.bytes(); }
    /// Calls that have their home here.
    std::size_t call_count() const { return call_home_.call_count(); }

 private:
    // ShardPort
    void send(WorkerIndex to, ShardMessage message) override;
    void send_last(WorkerIndex to, ShardMessage message) override;
    bool is_congested(WorkerIndex worker) const override {
        return worker < congested_.size() && congested_[worker];
    }
    WorkerIndex home_of(std::string_view name) const override;
    WorkerIndex home_of(const Cid& cid) const override;

    // LogPort
    void ask_log(HistoryCommand command) override { effects_.history.push_back(std::move(command)); }
    bool is_log_congested() const override { return log_congested_; }

    /// What is said of a `to.cid` that is none.
    static constexpr std::string_view kNoCid =
        "\"to.cid\" must be \"cid:\" followed by 16 characters of A-Z a-z 0-9 - _.";

    // Commands of clients: hub_commands.cpp
    void carry_out(Session& session, codec::v1::Command&& command);
    void on_command(Session& session, std::uint64_t id, codec::v1::Refused&& refused);
    void on_command(Session& session, std::uint64_t id, codec::v1::Connect&& connect);
    void on_command(Session& session, std::uint64_t id, codec::v1::Refresh&& refresh);
    void on_command(Session& session, std::uint64_t id, codec::v1::Join&& join);
    void on_command(Session& session, std::uint64_t id, codec::v1::Leave&&);
    void on_command(Session& session, std::uint64_t id, codec::v1::Post&& post);
    void leave_group(Session& session, std::uint64_t command_id, LeaveCause cause);
    void give_up_rejoin(Session& session, std::uint64_t command_id, LeaveCause cause);

    // Lists: hub_lists.cpp
    void on_command(Session& session, std::uint64_t id, codec::v1::ListGroups&& list);
    void on_command(Session& session, std::uint64_t id, codec::v1::ListUsers&& list);
    void on_command(Session& session, std::uint64_t id, codec::v1::Watch&& watch);
    void on_command(Session& session, std::uint64_t id, codec::v1::Unwatch&& unwatch);
    /// Who asks, as far as it matters for what may be answered.
    struct Viewer {
        bool admin;
        const auth::GroupRule& groups;
        const UserId& user;
    };
    static Viewer viewer_of(const Session& session) {
        return {session.admin, session.allowed_groups, session.user};
    }
    Asker asker_of(const Session& session, std::uint64_t id) const { return {self_, session.address, id}; }
    /// Nothing when the question may not be asked.
    std::optional<Visibility> visibility_for(const Viewer& viewer) const;
    std::optional<MemberQuery> member_query_for(const Viewer& viewer, codec::v1::ListUsers&& list) const;
    void list_groups(const Asker& asker, const Viewer& viewer, const codec::v1::ListGroups& list);
    void list_members(const Asker& asker, const Viewer& viewer, codec::v1::ListUsers&& list);
    bool is_any_congested() const;
    void on_command(Session& session, std::uint64_t id, codec::v1::ReadHistory&& history);
    /// `joined` is the group that the asker's own connection is in; empty: none.
    void list_history(const Asker& asker, const Viewer& viewer, std::string_view joined,
                      codec::v1::ReadHistory&& history);
    void stop_watch(Session& session, SessionWatches::Watch& watch);
    void stop_watches(Session& session);
    void end_watches(Session& session);

    // Calls: hub_calls.cpp
    void on_command(Session& session, std::uint64_t id, codec::v1::Call&& call);
    void on_command(Session& session, std::uint64_t id, codec::v1::Accept&& accept);
    void on_command(Session& session, std::uint64_t id, codec::v1::Signal&& signal);
    void on_command(Session& session, std::uint64_t id, codec::v1::Hangup&& hangup);
    void on_command(Session& session, std::uint64_t id, codec::v1::Reattach&& reattach);
    void on_command(Session& session, std::uint64_t id, codec::v1::Ice&&);
    std::string ice_servers_for(std::string_view user, const HostName& host) const;
    static bool is_in_call(const Session& session, std::string_view call);
    bool has_room_for_call(const Session& session) const;
    static SessionCalls& calls_of(Session& session);
    static bool remove_call(Session& session, std::string_view call);
    void leave_calls(Session& session, LeaveCall::Why why);
    void ring(Session* session, CallNews&& news);
    void take_part(Session* session, CallNews&& news);

    // Notifications: hub_push.cpp
    template <AboutPush What>
    void on_command(Session& session, std::uint64_t id, What&& what) {
        carry_out_for(asker_of(session, id), viewer_of(session), std::move(what));
    }
    void carry_out_for(const Asker& asker, const Viewer& viewer, codec::v1::VapidKey&&);
    void carry_out_for(const Asker& asker, const Viewer& viewer, codec::v1::Subscribe&& subscribe);
    void carry_out_for(const Asker& asker, const Viewer& viewer, codec::v1::Unsubscribe&& unsubscribe);
    void carry_out_for(const Asker& asker, const Viewer& viewer, codec::v1::Resubscribe&& resubscribe);
    void carry_out_for(const Asker& asker, const Viewer& viewer, codec::v1::Push&& push);
    void carry_out_for(const Asker& asker, const Viewer& viewer, codec::v1::Pushed&& pushed);
    /// False, and the asker is told, when nothing about notifications can be done.
    bool may_push(const Asker& asker);
    void send_heartbeat(Session& session);
    void on_heartbeat(Session& session);

    // Questions without a session: hub_questions.cpp
    struct Question {
        std::uint64_t id;
        std::string token;
        std::string command;
        HostName host;
    };
    void answer_question(std::uint64_t id, codec::ErrorReason error, std::string_view message = {},
                         std::uint64_t retry_after_ms = 0);
    void forget_idle_askers();

    // Going on after a lost connection: hub_resume.cpp
    void keep_or_end(KeptSession kept, SessionAddress address, bool keep);
    bool has_grace(const KeptSession& kept) const;
    void end_kept(const KeptSession& kept, SessionAddress address);
    std::optional<KeptSession> hand_over(const Resume& message);
    void attach(Session& session);

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
    void ask(Question&& question, UnknownKey unknown_key);
    void refresh_token(Session& session, Session::Refresh&& refresh, UnknownKey unknown_key);
    void hold(Session& session, std::string_view text);
    void refuse_sign_in(Session& session, codec::ErrorReason reason, codec::CloseReason close,
                        std::string message = {});
    void accept_token(Session& session, const auth::Identity& identity);
    /// When the session has to end: the verifier's leeway later than the token says.
    base::Instant token_ends_at(const Session& session) const;
    std::uint64_t token_expires_in_ms(const Session& session) const;  ///< leeway not counted, at least 0

    // Messages from workers
    void on_message(JoinGroup&& message) { group_home_.join(std::move(message), time_.now); }
    void on_message(LeaveGroup&& message) { group_home_.leave(std::move(message), time_.now); }
    void on_message(PostToGroup&& message) { group_home_.post(std::move(message), time_.now); }
    void on_message(ListHistory&& message) { group_home_.list_history(std::move(message), time_.now); }
    void on_message(ListMembers&& message) { lists_.answer(std::move(message)); }
    void on_message(FindGroups&& message) { group_search_.answer(std::move(message), time_.now); }
    void on_message(GroupsFound&& message) { group_search_.take(std::move(message)); }
    void on_message(GroupsChanged&&) { watch_home_.on_groups_changed(); }
    void on_message(StartWatch&& message) { watch_home_.start(std::move(message)); }
    void on_message(StopWatch&& message) { watch_home_.stop(std::move(message)); }
    void on_message(Watching&& message);
    void on_message(WatchEnded&& message);
    void on_message(Answer&& message);
    void on_message(AttachToUser&& message) { user_home_.attach(std::move(message), time_.now); }
    void on_message(DetachFromUser&& message) { user_home_.detach(std::move(message), time_.now); }
    void on_message(PostToUser&& message) { user_home_.post(std::move(message), time_.now); }
    void on_message(PlaceCid&& message);
    void on_message(Placed&& message);
    void on_message(CidAway&& message) { cid_home_.away(message); }
    void on_message(ForgetCid&& message) { cid_home_.forget(message); }
    void on_message(PostToCid&& message) { cid_home_.post(std::move(message), time_.now); }
    void on_message(FindCallee&& message);
    void on_message(CheckCallee&& message);
    void on_message(StartCall&& message);
    void on_message(AcceptCall&& message) { call_home_.accept(std::move(message)); }
    void on_message(SignalCall&& message) { call_home_.signal(std::move(message)); }
    void on_message(ReattachCall&& message) { call_home_.reattach(message); }
    void on_message(LeaveCall&& message) { call_home_.leave(message, time_.now); }
    void on_message(CallNews&& message);
    void on_message(Resume&& message);
    void on_message(Resumed&& message);
    void on_message(Attached&& message);
    void on_message(Joined&& message);
    void on_message(Reply&& message);
    void on_message(SortAddressed&& message);
    void on_message(ProbeUsers&& message);
    void on_message(ProbeSession&& message);
    void on_message(LogOpened&& message) { group_home_.log_opened(std::move(message), time_.now); }
    void on_message(LogAppended&& message) { group_home_.log_appended(message, time_.now); }
    void on_message(LogRead&& message) { group_home_.log_read(std::move(message), time_.now); }
    void on_message(StreamBroken&& message);
    void on_message(DeliverToGroup&& message) { local_groups_.deliver(*message.group, *message.event); }
    void on_message(DeliverToSession&& message);

    // Deadlines: hub_deadlines.cpp
    void look_at(Session& session);
    void look_not_after(Session& session, base::Instant when);
    void tell_of_changed_groups();

    void receive_object(Session& session, std::string_view text);
    /// How a session ends.
    enum class Departure : std::uint8_t {
        for_good,  ///< it says goodbye, or must not come back
        silent,    ///< it has not been heard for longer than any grace
        broken,    ///< its client may come back in a moment
    };
    void leave_everything(Session& session, Departure departure);
    /// Closes it, but for the connection. What is left is its place in the group and its cid, if it had come
    /// so far.
    std::optional<KeptSession> release(Session& session, Departure departure);
    void deliver(Session& session, const EncodedEvent& event);
    void deliver_missed(Session& session, const StreamNews& news);
    void refuse(const Asker& asker, codec::ErrorReason reason, std::string message = {});
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
    bool push_congested_ = false;
    bool log_congested_ = false;
    HubEffects effects_;
    EventEncoder encoder_;
    SessionTable sessions_;
    LocalGroups local_groups_;
    StreamKeeper streams_;
    PostAnswers post_answers_;
    GroupHome group_home_;
    UserHome user_home_;
    CidHome cid_home_;
    GroupSearch group_search_;
    Lists lists_;
    WatchHome watch_home_;
    CallTickets call_tickets_;
    CallHome call_home_;
    AwaySessions away_;
    DeadlineQueue deadlines_;
    bool draining_ = false;
    std::set<SessionAddress>
        waiting_for_keys_;  ///< with a sign-in or a refresh that waits; none that is closed
    std::vector<Question> questions_waiting_for_keys_;
    NameMap<RateLimiter> askers_;  ///< users that have asked questions lately
    std::size_t askers_looked_at_size_ = 0;
    base::Instant groups_told_at_{};
    std::string json_;
};

}  // namespace pipit::core
