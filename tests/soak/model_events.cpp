#include <fmt/format.h>

#include "model.hpp"

namespace pipit::soak {

void Model::on_event(Connection& connection, const Event& event, std::string_view text) {
    if (connection.cid.empty()) {
        fault(connection, "an event comes before the sign-in is answered");
        return;
    }
    switch (event.kind) {
        case Event::Kind::message:
            return on_message(connection, event, text);
        case Event::Kind::personal:
            return on_private(connection, event);
        case Event::Kind::notice:
            return on_notice(connection, event, text);
        case Event::Kind::token:
        case Event::Kind::drain:
            fault(connection, "nothing runs out and nobody stops");
    }
}

bool Model::take_place(Connection& connection, const Event& event, const std::string& meaning,
                       std::string_view text) {
    auto& membership = connection.membership;
    if (!membership || membership->group != event.group) {
        fault(connection, fmt::format("{} of group {} comes to one that is in {}", meaning, event.group,
                                      membership ? "group " + membership->group : "no group"));
        return false;
    }
    if (event.offset != membership->next_offset) {
        fault(connection, fmt::format("{} comes at offset {} of group {}, where {} is next", meaning,
                                      event.offset.value_or(0), event.group, membership->next_offset));
        return false;
    }
    const Place place{membership->group, membership->epoch, membership->next_offset++};
    if (const auto contradiction = chronicle_.saw(place, meaning, text)) fault(connection, *contradiction);
    return true;
}

std::optional<Posting> Model::take_posting(const Connection& connection, const Event& event) {
    const auto posting = posting_in(event.data);
    if (!posting || posting->from == 0 || posting->from >= connections_.size() ||
        posting->number > at(posting->from).last_post) {
        fault(connection, "nobody posted these data");
        return std::nullopt;
    }
    const Connection& sender = at(posting->from);
    if (sender.user != event.user || (!sender.cid.empty() && sender.cid != event.cid)) {
        fault(connection,
              fmt::format("{} comes as if from {} of user {}", describe(*posting), event.cid, event.user));
        return std::nullopt;
    }
    return posting;
}

void Model::keep_order(const Connection& connection, LastFrom& last_from, const Posting& posting) {
    std::uint32_t& last = last_from[posting.from];
    if (posting.number <= last)
        fault(connection, fmt::format("{} comes after post {} of the same sender", describe(posting), last));
    last = posting.number;
}

void Model::on_message(Connection& connection, const Event& event, std::string_view text) {
    ++counts_.messages;
    const auto posting = take_posting(connection, event);
    if (!posting) return;
    if (posting->to != Target{Target::Kind::group, event.group}) {
        fault(connection, fmt::format("{} comes as a message of group {}", describe(*posting), event.group));
        return;
    }
    if (!take_place(connection, event, describe(*posting), text)) return;
    keep_order(connection, connection.membership->last_from, *posting);
    if (event.cid == connection.cid) return;
    const auto known = connection.membership->present.try_emplace(peer(event.cid, event.user), true).first;
    if (!known->second)
        fault(connection, fmt::format("{} posts after it has gone from the group", event.cid));
}

void Model::on_notice(Connection& connection, const Event& event, std::string_view text) {
    ++counts_.notices;
    const bool came = event.code == "USER_JOINED";
    if (!take_place(connection, event, event.code + ' ' + event.cid, text)) return;
    if (event.cid == connection.cid) {
        fault(connection, "a notice tells it of itself");
        return;
    }
    const Peer about = peer(event.cid, event.user);
    const Known& known = peers_[about];
    if (known.user != event.user) fault(connection, fmt::format("{} is user {}", event.cid, known.user));

    const auto [present, is_news] = connection.membership->present.try_emplace(about, came);
    if (!is_news && present->second == came)
        fault(connection, fmt::format("{} {} the group twice", event.cid, came ? "comes to" : "goes from"));
    present->second = came;

    if (known.serial == 0) return;
    const Connection& other = at(known.serial);
    // Who has come back and does not join in time is lost to the group, too.
    const bool may_be_lost = !other.open || other.resumed;
    const bool has_reason = came                        ? other.deeds->joined.contains(event.group)
                            : event.code == "USER_LEFT" ? other.deeds->left.contains(event.group)
                                                        : event.code == "USER_DISCONNECTED" && may_be_lost;
    if (!has_reason)
        fault(connection, fmt::format("#{} has done nothing to cause {}", other.serial, event.code));
}

void Model::on_private(Connection& connection, const Event& event) {
    ++counts_.privates;
    const auto posting = take_posting(connection, event);
    if (!posting) return;
    if (!event.offset) {
        if (posting->to != Target{Target::Kind::cid, connection.cid})
            fault(connection, fmt::format("{} comes to {} of user {}", describe(*posting), connection.cid,
                                          connection.user));
        keep_order(connection, connection.last_to_cid, *posting);
        connection.direct_owed.erase({posting->from, posting->number});
        return;
    }
    if (posting->to != Target{Target::Kind::user, connection.user}) {
        fault(connection, fmt::format("{} comes to user {}", describe(*posting), connection.user));
        return;
    }
    keep_order(connection, connection.last_to_user, *posting);
    note_private_place(connection, *posting, *event.offset);
    if (connection.private_next == 0) {
        connection.private_first = connection.private_next = *event.offset;
        if (connection.private_owed_first != 0 && connection.private_owed_first < *event.offset)
            fault(connection, fmt::format("private offset {} never came: the first is {}",
                                          connection.private_owed_first, *event.offset));
    }
    if (*event.offset != connection.private_next)
        fault(connection, fmt::format("private offset {} comes where {} is next", *event.offset,
                                      connection.private_next));
    connection.private_next = *event.offset + 1;
}

}  // namespace pipit::soak
