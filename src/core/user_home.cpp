#include "core/user_home.hpp"

#include <algorithm>

#include "codec/pipit_v1.hpp"
#include "core/post_answer.hpp"

namespace pipit::core {

void UserHome::attach(AttachToUser&& command) {
    const Caller& caller = command.caller;
    auto found = users_.find(*caller.user);
    if (found == users_.end())
        found = users_.emplace(*caller.user, std::make_unique<User>(caller.user, random_)).first;
    auto& connections = found->second->connections;
    const Connection connection{caller.cid, caller.address, caller.deflate};
    const auto same = std::ranges::find(connections, caller.cid, &Connection::cid);
    const bool accepted = same != connections.end() || connections.size() < connections_per_user_max_;
    if (same != connections.end()) {
        *same = connection;
    } else if (accepted) {
        connections.push_back(connection);
    }
    port_.send(caller.address.worker, Attached{caller.address, accepted});
}

void UserHome::detach(DetachFromUser&& command) {
    const auto found = users_.find(*command.caller.user);
    if (found == users_.end()) return;
    auto& connections = found->second->connections;
    // One that goes on elsewhere may be there already, and the news of the place before comes late.
    std::erase_if(connections,
                  [&](const Connection& connection) { return connection.address == command.caller.address; });
    if (connections.empty()) users_.erase(found);
}

void UserHome::find_callee(CallRequest& request) const {
    const auto found = users_.find(std::get<std::string>(request.callee));
    if (found == users_.end()) return;
    for (const Connection& connection : found->second->connections) {
        if (connection.cid != request.caller.cid)
            request.devices.push_back(
                {connection.address, connection.cid, found->second->id, connection.deflate});
    }
}

void UserHome::post(PostToUser&& command) {
    const Caller& caller = command.caller;
    const auto found = users_.find(command.user);
    User* const user = found == users_.end() ? nullptr : found->second.get();
    if (user != nullptr && std::ranges::any_of(user->connections, [this](const Connection& connection) {
            return port_.is_congested(connection.address.worker);
        })) {
        std::string reply;
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::unavailable);
        port_.send(caller.address.worker, Reply{caller.address, std::move(reply)});
        return;
    }
    PostPlace place;
    if (user != nullptr) {
        place = {user->stream.epoch(), user->stream.next()};
        deliver(*user, place.offset, caller, command.data);
    }
    std::vector<UserId> addressed;
    if (command.notification) {
        addressed.push_back(user != nullptr ? user->id
                                            : std::make_shared<const std::string>(std::move(command.user)));
    }
    answer_post(port_, caller, command.command_id, place, std::move(command.notification),
                std::move(addressed));
}

void UserHome::deliver(const User& user, std::uint64_t offset, const Caller& sender, std::string_view data) {
    const std::string cid = sender.cid.text();
    json_.clear();
    codec::v1::append_private(json_, offset, {*sender.user, cid}, data);
    const bool any_deflate = std::ranges::any_of(user.connections, &Connection::deflate);
    const EncodedEventPtr event = encoder_.encode(json_, any_deflate);
    for (const Connection& connection : user.connections)
        port_.send(connection.address.worker, DeliverToSession{connection.address, event});
}

void UserHome::probe(std::string_view user, std::uint64_t notification) const {
    const auto found = users_.find(user);
    if (found == users_.end()) return;
    for (const Connection& connection : found->second->connections)
        port_.send(connection.address.worker, ProbeSession{connection.address, notification});
}

}  // namespace pipit::core
