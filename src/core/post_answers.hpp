#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/post_keys.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// The place of a post in its stream. `epoch` is empty for what has none.
struct PostPlace {
    std::string_view epoch = {};
    std::uint64_t offset = 0;
};

/// Answers posts at the home of their recipients. Owned by one worker.
class PostAnswers {
 public:
    PostAnswers(ShardPort& port, WorkerIndex self) : port_(port), self_(self) {}

    /// Answers a post that has been sent to everybody who is connected: at once, or, when it has a
    /// notification for anybody, once that has been written down. `addressed` counts only with one; nobody is
    /// in it twice. `outcome`, if it is not null, is told what becomes of the notification.
    void answer(const Caller& caller, std::uint64_t command_id, PostPlace place, NotificationPtr notification,
                std::vector<UserId> addressed, std::shared_ptr<NotificationOutcome> outcome);
    /// Answers a post that has been sent before.
    void answer_again(const Caller& caller, std::uint64_t command_id, std::string_view epoch,
                      const PostKeys::Post& post);
    void refuse(const Caller& caller, std::uint64_t command_id, codec::ErrorReason reason,
                std::string_view message = {});

    /// What a post that is sent for the first time under a key has to know about its notification; null when
    /// it has none for anybody.
    static std::shared_ptr<NotificationOutcome> new_outcome(const NotificationPtr& notification,
                                                            const std::vector<UserId>& addressed) {
        return notification && !addressed.empty()
                   ? std::make_shared<NotificationOutcome>(NotificationOutcome::pending)
                   : nullptr;
    }
    /// An answer about a notification has come by.
    void note(const Answer& answer);

 private:
    void reply(const Caller& caller, std::string json) {
        port_.send(caller.address.worker, Reply{caller.address, std::move(json)});
    }

    ShardPort& port_;
    WorkerIndex self_;
    std::map<std::pair<SessionAddress, std::uint64_t>, std::shared_ptr<NotificationOutcome>>
        waiting_;  // by the command
};

}  // namespace pipit::core
