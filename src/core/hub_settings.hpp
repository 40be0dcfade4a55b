#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token_verifier.hpp"
#include "base/time.hpp"
#include "codec/codes.hpp"
#include "codec/pipit_v1.hpp"
#include "core/access.hpp"
#include "core/encoded_event.hpp"
#include "core/history_command.hpp"
#include "core/push_command.hpp"
#include "core/rate_limiter.hpp"
#include "core/shard_message.hpp"
#include "core/stream_keeper.hpp"
#include "rtc/ice_servers.hpp"

namespace pipit::core {

/// What is kept of streams in memory.
struct HistorySettings {
    HistoryLimits of_group = {.events_max = 200, .bytes_max = 1 << 20};
    /// At most half of what an outbox may hold: it is replayed at once.
    HistoryLimits of_user = {.events_max = 200, .bytes_max = 256 << 10};
    std::size_t bytes_max = 64 << 20;  ///< of all workers together
    base::Millis age_max{300'000};     ///< also of a group or a user that nobody is there of
    base::Millis key_window{300'000};  ///< for how long a post may be sent again
    std::function<bool(std::string_view group)>
        is_durable;  ///< whose history is kept on disk, too; empty: none
};

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
    base::Millis grace{3'000};         ///< how long the place of a lost connection is kept
    base::Millis watch_interval{250};  ///< changes of a watched list are gathered for so long
    ListAccess list_access = ListAccess::everyone;
    std::size_t page_bytes_max = 512 << 10;  ///< of one answer; half of what an outbox may hold
    std::size_t watches_per_connection_max = 8;
    std::size_t watches_max = 10'000;  ///< lists, of all workers together
    CallAccess call_access = CallAccess::group;
    base::Millis ring_timeout{30'000};
    std::size_t calls_per_connection_max = 16;  ///< and as many again that ring
    rtc::IceSettings ice;
    HistorySettings history;
    bool push = false;  ///< without it everything about notifications is refused
    std::size_t users_per_notification_max = 10'000;  ///< that one post or push may address
    std::string cursor_key;   ///< 32 bytes, the same after every restart; also that of tickets
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
    /// To a question of Hub::ask.
    struct Answer {
        std::uint64_t id;
        std::optional<codec::ErrorReason> error;
        std::uint64_t retry_after_ms;  ///< 0: not said
        std::string json;              ///< the content of `ok` or of `error`
    };
    std::vector<Closing> closing;
    std::vector<Answer> answers;
    std::vector<std::vector<ShardMessage>> outgoing;  ///< by worker
    /// By worker, to be posted when all of `outgoing` is.
    std::vector<std::vector<ShardMessage>> outgoing_last;
    std::vector<PushCommand> push;
    std::vector<HistoryCommand> history;
    bool keys_wanted = false;  ///< a token names a key that is not known
};

}  // namespace pipit::core
