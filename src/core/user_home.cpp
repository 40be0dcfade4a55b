#include "core/user_home.hpp"

#include <algorithm>

#include "codec/pipit_v1.hpp"

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
    std::string reply;
    const auto found = users_.find(command.user);
    if (found == users_.end()) {
        codec::v1::append_posted(reply, command.command_id, {}, 0);
    } else if (std::any_of(found->second->connections.begin(), found->second->connections.end(),
                           [this](const Connection& connection) {
                               return port_.is_congested(connection.address.worker);
                           })) {
        codec::v1::append_error(reply, command.command_id, codec::ErrorReason::unavailable);
    } else {
        User& user = *found->second;
        const std::uint64_t offset = user.stream.next();
        const std::string cid = caller.cid.text();
        json_.clear();
        codec::v1::append_private(json_, offset, {*caller.user, cid}, command.data);
        const bool any_deflate = std::any_of(user.connections.begin(), user.connections.end(),
                                             [](const Connection& connection) { return connection.deflate; });
        const EncodedEventPtr event = encoder_.encode(json_, any_deflate);
        for (const Connection& connection : user.connections) {
            port_.send(connection.address.worker, DeliverToSession{connection.address, event});
        }
        codec::v1::append_posted(reply, command.command_id, user.stream.epoch(), offset);
    }
    port_.send(caller.address.worker, Reply{caller.address, std::move(reply)});
}

}  // namespace pipit::core
