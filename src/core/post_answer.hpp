#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/shard_message.hpp"

namespace pipit::core {

/// The place of a post in its stream. `epoch` is empty for what has none.
struct PostPlace {
    std::string_view epoch = {};
    std::uint64_t offset = 0;
};

/// Answers a post that has been sent to everybody who is connected: at once, or, when it has a notification
/// for anybody, once that has been written down. `addressed` counts only with one; nobody is in it twice.
void answer_post(ShardPort& port, const Caller& caller, std::uint64_t command_id, PostPlace place,
                 NotificationPtr notification, std::vector<UserId> addressed);

}  // namespace pipit::core
