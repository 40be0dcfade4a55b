#include "core/user_home.hpp"

#include <algorithm>

#include "codec/pipit_v1.hpp"

namespace pipit::core {

UserHome::User* UserHome::find(std::string_view name) {
    const auto found = users_.find(name);
    return found == users_.end() ? nullptr : found->second.get();
}

UserHome::User& UserHome::add(UserId id) {
    auto user = std::make_unique<User>(std::move(id), random_);
    const std::string& name = *user->id;
    return *users_.emplace(name, std::move(user)).first->second;
}

UserHome::User* UserHome::expect(const std::string& name, base::Instant now) {
    User& user = add(std::make_shared<const std::string>(name));
    if (keeper_.expect(user.stream, *this, *user.id, now)) return &user;
    users_.erase(name);
    return nullptr;
}

bool UserHome::is_connected(std::string_view name) const {
    const auto found = users_.find(name);
    return found != users_.end() && !found->second->connections.empty();
}

void UserHome::attach(AttachToUser&& command, base::Instant now) {
    const Caller& caller = command.caller;
    User* user = find(*caller.user);
    if (user == nullptr) user = &add(caller.user);
    auto& connections = user->connections;
    if (connections.empty()) {
        keeper_.hold(user->stream);
        ++connected_;
    }
    const Connection connection{caller.cid, caller.address, caller.deflate};
    const auto same = std::ranges::find(connections, caller.cid, &Connection::cid);
    const bool accepted =
        same != connections.end() || connections.size() < settings_.connections_per_user_max;
    if (same != connections.end()) {
        *same = connection;
    } else if (accepted) {
        connections.push_back(connection);
    }
    Attached answer{caller.address, accepted, StreamKeeper::news(user->stream)};
    if (accepted && command.since) {
        // One page holds all of it, and there are no notices in it that had to be encoded.
        answer.stream =
            keeper_.recover(user->stream, *command.since, settings_.history.bytes_max, now,
                            [](std::uint64_t, const History::Entry&) { return EncodedEventPtr(); });
    }
    port_.send(caller.address.worker, std::move(answer));
}

void UserHome::detach(DetachFromUser&& command, base::Instant now) {
    User* const user = find(*command.caller.user);
    if (user == nullptr || user->connections.empty()) return;
    // One that goes on elsewhere may be there already, and the news of the place before comes late.
    std::erase_if(user->connections,
                  [&](const Connection& connection) { return connection.address == command.caller.address; });
    if (!user->connections.empty()) return;
    --connected_;
    if (!keeper_.release(user->stream, *this, *user->id, now)) forget_stream(*user->id);
}

void UserHome::forget_stream(std::string_view name) {
    const auto found = users_.find(name);
    keeper_.drop(found->second->stream);
    users_.erase(found);
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

bool UserHome::is_known(const PostToUser& command, User& user, base::Instant now) {
    if (command.key.empty()) return false;
    const auto* sent = keeper_.find_post(user.stream, *command.caller.user, command.key, now);
    if (sent == nullptr) return false;
    answers_.answer_again(command.caller, command.command_id, user.stream.epoch(), *sent);
    return true;
}

void UserHome::post(PostToUser&& command, base::Instant now) {
    const Caller& caller = command.caller;
    User* user = find(command.user);
    if (user != nullptr && is_known(command, *user, now)) return;
    if (user != nullptr && std::ranges::any_of(user->connections, [this](const Connection& connection) {
            return port_.is_congested(connection.address.worker);
        }))
        return answers_.refuse(caller, command.command_id, codec::ErrorReason::unavailable);
    if (user == nullptr) user = expect(command.user, now);
    PostPlace place;
    if (user != nullptr) {
        keeper_.prolong(user->stream, now);
        place = {user->stream.epoch(), user->stream.next()};
        keeper_.keep(user->stream, settings_.history,
                     {.event = deliver(*user, place.offset, caller, command.data), .at = now});
    }
    std::vector<UserId> addressed;
    if (command.notification)
        addressed.push_back(user != nullptr ? user->id : std::make_shared<const std::string>(command.user));
    std::shared_ptr<NotificationOutcome> outcome;
    if (user != nullptr && !command.key.empty() && keeper_.keeps_keys()) {
        outcome = PostAnswers::new_outcome(command.notification, addressed);
        keeper_.keep_post(user->stream, {caller.user, std::move(command.key), place.offset, now, outcome});
    }
    answers_.answer(caller, command.command_id, place, std::move(command.notification), std::move(addressed),
                    std::move(outcome));
}

EncodedEventPtr UserHome::deliver(const User& user, std::uint64_t offset, const Caller& sender,
                                  std::string_view data) {
    const std::string cid = sender.cid.text();
    json_.clear();
    codec::v1::append_private(json_, offset, {*sender.user, cid}, data);
    const bool any_deflate = std::ranges::any_of(user.connections, &Connection::deflate);
    EncodedEventPtr event = encoder_.encode(json_, any_deflate);
    for (const Connection& connection : user.connections)
        port_.send(connection.address.worker, DeliverToSession{connection.address, event});
    return event;
}

void UserHome::probe(std::string_view user, std::uint64_t notification) const {
    const auto found = users_.find(user);
    if (found == users_.end()) return;
    for (const Connection& connection : found->second->connections)
        port_.send(connection.address.worker, ProbeSession{connection.address, notification});
}

}  // namespace pipit::core
