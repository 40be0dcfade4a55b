#include "core/post_answer.hpp"

#include <utility>

#include "codec/pipit_v1.hpp"

namespace pipit::core {

void answer_post(ShardPort& port, const Caller& caller, std::uint64_t command_id, PostPlace place,
                 NotificationPtr notification, std::vector<UserId> addressed) {
    std::string text;
    if (!notification || addressed.empty()) {
        codec::v1::append_posted(text, command_id, place.epoch, place.offset);
        port.send(caller.address.worker, Reply{caller.address, std::move(text)});
        return;
    }
    codec::v1::append_position(text, place.epoch, place.offset);
    const WorkerIndex first = port.home_of(*addressed.front());
    port.send(first, SortAddressed{.asker = {caller.address.worker, caller.address, command_id},
                                   .answer = std::move(text),
                                   .author = caller.user,
                                   .notification = std::move(*notification),
                                   .unknown = std::move(addressed)});
}

}  // namespace pipit::core
