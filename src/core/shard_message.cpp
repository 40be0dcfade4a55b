#include "core/shard_message.hpp"

namespace pipit::core {
namespace {

// Without the ids of users, which records share.
std::size_t records_bytes(const std::vector<LoggedRecord>& records) {
    std::size_t bytes = 0;
    for (const LoggedRecord& logged : records)
        bytes += sizeof logged + logged.record.data.size() + logged.record.key.size();
    return bytes;
}

std::size_t keys_bytes(const std::vector<LoggedKey>& keys) {
    std::size_t bytes = 0;
    for (const LoggedKey& logged : keys)
        bytes += sizeof logged + logged.key.size();
    return bytes;
}

template <class Message>
std::size_t payload_bytes(const Message& message) {
    if constexpr (requires { message.stream.missed; }) {
        // The events are in the history that they are from as well, which is bounded.
        return message.stream.missed.size() * sizeof(EncodedEventPtr);
    } else if constexpr (requires { post_bytes(message); }) {
        return post_bytes(message);
    } else if constexpr (requires { message.data; }) {
        return message.data.size();
    } else if constexpr (requires { message.request; }) {
        return message.request.data.size();
    } else if constexpr (requires { message.event; }) {
        // Counted for every worker that it waits for, though they share it: rather too much than too little.
        return message.event->plain.size() + message.event->deflated.size();
    } else if constexpr (requires { message.json; }) {
        return message.json.size();
    } else if constexpr (requires { message.text; }) {
        return message.text.size();
    } else if constexpr (requires { message.unknown; }) {
        // The ids are shared with whoever has them anyway.
        return message.answer.size() + message.notification.payload.size() +
               (message.unknown.size() + message.away.size() + message.here.size()) * sizeof(UserId);
    } else if constexpr (requires { message.users; }) {
        return message.users.size() * sizeof(UserId);
    } else if constexpr (requires { message.newest; }) {
        return records_bytes(message.newest) + keys_bytes(message.keys);
    } else if constexpr (requires { message.records; }) {
        return records_bytes(message.records);
    } else if constexpr (requires { message.page; }) {
        return message.page.rows.size() * sizeof(codec::v1::GroupRow);
    } else {
        return 0;
    }
}

}  // namespace

std::size_t queued_bytes(const ShardMessage& message) {
    return sizeof(ShardMessage) + std::visit([](const auto& what) { return payload_bytes(what); }, message);
}

}  // namespace pipit::core
