#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "core/hub.hpp"
#include "net/open_questions.hpp"
#include "net/os.hpp"
#include "net/service.hpp"
#include "net/source_rates.hpp"
#include "net/upgrade.hpp"

namespace pipit::net {

/// How much waits for a worker from the others. Shared by all.
class ShardQueue {
 public:
    /// Enough for the bursts of a turn from every other worker, and little beside what the process has.
    static constexpr std::size_t kBytesMax = 64 << 20;

    void add(std::size_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
    void remove(std::size_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
    bool is_congested() const { return bytes_.load(std::memory_order_relaxed) > kBytesMax; }

 private:
    std::atomic<std::size_t> bytes_ = 0;
};

/// pipit.v1 on one worker: its hub, the way to the hubs of the other workers, and questions over HTTP.
class RealtimeService final : public Service {
 public:
    /// Where the hubs' messages to each other and their wishes go.
    struct Links {
        /// Hands messages to the hub of another worker, in order.
        std::function<void(core::WorkerIndex to, std::vector<core::ShardMessage> messages)> send;
        /// What waits for each worker; they outlive the services.
        std::vector<ShardQueue*> queues;
        /// Some token names a key that nobody knows.
        std::function<void()> want_keys;
        /// Hands over what the hub asks of whoever sends notifications; not called when there is nobody.
        std::function<void(std::vector<core::PushCommand>)> push;
        /// So much waits there that nothing more should be asked.
        std::function<bool()> is_push_congested;
        /// The same of whoever keeps histories on disk.
        std::function<void(std::vector<core::HistoryCommand>)> history;
        std::function<bool()> is_history_congested;
    };

    /// Of questions over HTTP.
    struct QuestionRules {
        const UpgradeRules& upgrade;                ///< tells which pages may ask; must outlive the service
        core::RateLimiter::Settings unsigned_rate;  ///< of one address, without a token
    };

    RealtimeService(const core::HubSettings& settings, const QuestionRules& question_rules,
                    core::WorkerIndex self, core::WorkerIndex worker_count, core::FrameArena& arena,
                    std::shared_ptr<const auth::KeyRing> keys, Links links);

    /// Whoever is behind a session.
    class Client {
     public:
        /// The session is over: whoever is there is to be sent away with that code, behind all that the
        /// session was sent. An empty detail is the catalogue's text.
        virtual void close(codec::CloseReason reason, const std::string& detail) = 0;

     protected:
        ~Client() = default;
    };

    /// Opens a session; see Hub::open. `client` must live until end_session().
    core::Session& open_session(core::Outbox& outbox, bool deflate, std::optional<std::string> token,
                                std::string host, Client& client);
    /// Whoever was behind it has gone.
    void end_session(core::Session& session);
    /// Whose sessions they are.
    core::Hub& hub() { return hub_; }

    /// Asks the hub on behalf of the token's user; see Hub::ask. Not to be called while it is draining.
    void ask(std::string_view token, std::string_view command, std::string host, OpenQuestions::Asker asker);
    bool is_draining() const { return draining_; }

    /// Messages from another hub.
    void receive(std::vector<core::ShardMessage> messages);
    void keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched);
    /// Nobody is told of those who go from now on. Every worker must have done it before the first one
    /// drains.
    void begin_drain();

    Admission admit(const HttpRequest& request, WebSocketOpening opening) override;
    RequestOutcome offer(const HttpRequest& request, HttpResponder responder) override;
    void begin_turn() override;
    bool turn_is_full() const override { return hub_.turn_is_full(); }
    void end_turn() override { hub_.end_turn(); }
    void carry_out_effects() override;
    void tick() override;
    bool drain_some() override;
    void stop() override { questions_.stop(); }

 private:
    class Handler;
    struct SessionClient {
        core::SessionAddress address;
        Client* client = nullptr;
    };

    /// Null for "".
    core::HostName shared_host(std::string&& host);
    std::vector<bool> congested_workers() const;
    /// `messages` by worker; takes them.
    void post(std::vector<std::vector<core::ShardMessage>>& messages);

    const UpgradeRules& upgrade_;
    const unsigned json_depth_max_;
    OsRandom random_;
    SourceRates unsigned_rates_;
    core::WorkerIndex self_;
    core::Hub hub_;
    Links links_;
    OpenQuestions questions_;
    base::Instant now_{};
    bool draining_ = false;
    core::HostName last_host_;            // so that thousands who reach us by one name share it
    std::vector<SessionClient> clients_;  // by slot of their session
};

}  // namespace pipit::net
