#include "model.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace pipit::soak {

namespace {
// After so many there is nothing more to learn.
constexpr std::size_t kFaultsMax = 20;
}  // namespace

Serial Model::open(std::string user) {
    auto connection = std::make_unique<Connection>();
    connection->serial = static_cast<Serial>(connections_.size());
    connection->user = std::move(user);
    connections_.push_back(std::move(connection));
    ++counts_.connections;
    return connections_.back()->serial;
}

Serial Model::open_again(Serial earlier) {
    const Serial serial = open(at(earlier).user);
    Connection& connection = at(serial);
    connection.earlier = earlier;
    connection.must_resume = true;
    connection.deeds = at(earlier).deeds;
    return serial;
}

void Model::hear(Serial serial, std::string_view object, const Heard& heard) {
    Connection& connection = at(serial);
    connection.history.add("< ", object);
    if (const auto* reply = std::get_if<Reply>(&heard)) {
        on_reply(connection, *reply);
    } else if (const auto* event = std::get_if<Event>(&heard)) {
        on_event(connection, *event, object);
    } else if (std::holds_alternative<Nonsense>(heard)) {
        fault(connection, "this is not an object of pipit.v1");
    }
}

void Model::leave(Serial serial) {
    Connection& connection = at(serial);
    connection.open = false;
    if (connection.cid.empty()) {
        users_gone_unseen_.insert(connection.user);
    } else {
        std::erase(signed_in_by_user_[connection.user], serial);
    }
    unanswered_count_ -= connection.unanswered.size();
    // Others may still name it, so what they are held against stays.
    connection.unanswered.clear();
    connection.membership.reset();
    connection.direct_owed.clear();
    connection.last_to_user.clear();
    connection.last_to_cid.clear();
    connection.history = {};
}

void Model::lose(Serial serial, std::string_view how) {
    fault(at(serial), fmt::format("the server ended the connection: {}", how));
    leave(serial);
}

Peer Model::peer(const std::string& cid, const std::string& user) {
    const auto [found, is_new] = peers_by_cid_.try_emplace(cid, static_cast<Peer>(peers_.size()));
    if (is_new) peers_.push_back({cid, user});
    return found->second;
}

Fault Model::describe_fault(const Connection& connection, std::string what) {
    return {fmt::format("#{} ({} of user {}): {}", connection.serial,
                        connection.cid.empty() ? "not signed in" : connection.cid, connection.user, what),
            connection.history.lines()};
}

void Model::fault(const Connection& connection, std::string what) {
    if (faults_.size() < kFaultsMax) faults_.push_back(describe_fault(connection, std::move(what)));
}

}  // namespace pipit::soak
