#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "codec/notification.hpp"
#include "codec/pipit_v1.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

// What hubs ask of whoever keeps subscriptions and sends notifications: one for all of them, on a thread of
// its own. It answers each Asker with one Answer, to the asker's worker.

struct TellVapidKey {
    Asker asker;
};
struct KeepSubscription {
    Asker asker;
    UserId user;
    codec::v1::Subscribe what;
};
struct DropSubscription {
    Asker asker;
    UserId user;
    codec::v1::Unsubscribe what;
};
struct ReplaceSubscription {
    Asker asker;
    codec::v1::Resubscribe what;
};

/// The notification of a post that has been given its place and sent to those who are connected.
///
/// It is written down, and then the post is answered: with `answer` as the content of `ok`, or with
/// notification_not_kept. It goes to `away` at once. When it is written down, ProbeUsers asks about `here`;
/// those for whom no MessageArrived comes in time get it, too.
struct NotifyAddressed {
    Asker asker;
    std::string answer;
    UserId author;
    codec::Notification notification;
    std::vector<UserId> away;  ///< nobody is in both, or in one twice
    std::vector<UserId> here;
};
/// The connection of a user has what was sent before the probe.
struct MessageArrived {
    std::uint64_t notification;  ///< of ProbeUsers
    UserId user;
};

/// Asked by an admin.
struct PushToUsers {
    Asker asker;
    UserId author;
    codec::v1::Push what;
};
/// Asked by an admin.
struct TellPushProgress {
    Asker asker;
    std::uint64_t notification;
};

using PushCommand = std::variant<TellVapidKey, KeepSubscription, DropSubscription, ReplaceSubscription,
                                 NotifyAddressed, MessageArrived, PushToUsers, TellPushProgress>;

}  // namespace pipit::core
