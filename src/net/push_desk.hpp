#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "core/push_command.hpp"
#include "net/name_lookup.hpp"
#include "net/push_ledger.hpp"
#include "net/push_pump.hpp"
#include "net/push_sealer.hpp"
#include "net/push_store_door.hpp"
#include "net/push_store_health.hpp"
#include "net/shard_mail.hpp"
#include "push/held_notifications.hpp"

namespace pipit::net {

/// Does what hubs ask and answers each Asker once, when what was asked is on the disk. Waits for those who
/// are to confirm that a message has reached them. Owned by the loop's thread.
class PushDesk {
 public:
    struct Settings {
        base::Millis confirm_timeout;
        std::size_t users_held_max;
    };

    /// Commands of one session that wait behind the look-up of a name. Without a limit a slow name server
    /// could have a session heap up all that its rate allows.
    static constexpr std::size_t kBehindMax = 64;

    /// All references must outlive it.
    PushDesk(const Settings& settings, asio::io_context& loop, NameLookup& names, PushStoreDoor& store,
             PushStoreHealth& health, PushSealer& sealer, PushLedger& ledger, PushPump& pump,
             ShardMail& mail);

    /// What one session asks is done in the order in which it was asked, but for what is above kBehindMax:
    /// that is refused at once.
    void take(core::PushCommand command);

    /// Waits for nobody any longer: who has not confirmed is notified.
    void stop();

 private:
    void on(core::TellVapidKey&& command);
    void on(core::KeepSubscription&& command);
    void on(core::DropSubscription&& command);
    void on(core::ReplaceSubscription&& command);
    void on(core::NotifyAddressed&& command);
    void on(core::MessageArrived&& command);
    void on(core::PushToUsers&& command);
    void on(core::TellPushProgress&& command);

    struct NewSubscription {
        push::Endpoint endpoint;
        store::SubscriptionRecord record;  ///< without its user
    };
    base::Result<NewSubscription, core::Answer> read_subscription(const core::Asker& asker,
                                                                  const codec::v1::Subscribe& what) const;
    /// Goes on with `then` unless the name of the host has an address that may not be reached. A name that
    /// cannot be looked up now is let pass: before each connection it is looked at again.
    void check_host(const core::Asker& asker, push::Endpoint endpoint, std::function<void()> then);
    base::Status check_addresses(const push::Endpoint& endpoint,
                                 const std::vector<push::IpAddress>& addresses) const;
    void carry_out(core::PushCommand command);
    /// Takes what a session has asked behind something that had to wait.
    void go_on(const core::SessionAddress& session);
    void hold(std::uint64_t notification, const std::vector<std::string>& users);
    void wait_for_confirmations();
    void expire(base::Instant now);
    void refuse_subscription(const core::Asker& asker, const store::StoreError& error);
    void refuse_unavailable(const core::Asker& asker, const store::StoreError& error);
    void refuse_behind(const core::Asker& asker, bool is_post);

    const Settings settings_;
    NameLookup& names_;
    PushStoreDoor& store_;
    PushStoreHealth& health_;
    PushSealer& sealer_;
    PushLedger& ledger_;
    PushPump& pump_;
    ShardMail& mail_;
    std::map<core::SessionAddress, std::deque<core::PushCommand>>
        behind_;  // of sessions that wait for a name
    push::HeldNotifications held_;
    Timer expiry_timer_;
    bool is_waiting_ = false;
    bool is_stopped_ = false;
};

}  // namespace pipit::net
