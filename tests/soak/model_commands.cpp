#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "codec/json_scan.hpp"
#include "model.hpp"

namespace pipit::soak {

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string quoted(std::string_view text) {
    std::string json;
    codec::append_json_string(json, text);
    return json;
}

std::string text_of(std::uint64_t id, const Unanswered& waiting) {
    const std::string arguments = std::visit(
        Overloaded{[](const Connect& connect) {
                       const std::string token =
                           connect.token.empty() ? "" : ",\"token\":" + quoted(connect.token);
                       const std::string session =
                           connect.session.empty() ? "" : ",\"session\":" + quoted(connect.session);
                       return R"("connect","client":"soak")" + token + session;
                   },
                   [](const Refresh& refresh) { return R"("refresh","token":)" + quoted(refresh.token); },
                   [](const Join& join) { return R"("join","group":)" + quoted(join.group); },
                   [](const Leave&) { return std::string(R"("leave")"); },
                   [&](const Post& post) {
                       return fmt::format(R"("post","to":{},"data":{})", recipient_of(post.to),
                                          data_of(waiting.posting));
                   }},
        waiting.command);
    return fmt::format(R"({{"id":{},"op":{}}})", id, arguments);
}

std::string outcome_of(const Reply& reply) {
    if (!reply.ok) return "refused: " + reply.reason;
    return reply.offset ? fmt::format("given offset {} of epoch {}", *reply.offset, reply.epoch)
                        : "accepted without an offset";
}

// Senders remember where that many of their private posts stand; receivers lag far less.
constexpr std::size_t kPrivatePlacesMax = 512;

}  // namespace

std::string Model::say(Serial serial, const Command& command) {
    Connection& connection = at(serial);
    Unanswered waiting{.command = command, .posting = {}, .recipients = {}};
    std::visit([&](const auto& what) { prepare(connection, what, waiting); }, command);
    const std::uint64_t id = ++connection.last_id;
    std::string text = text_of(id, waiting);
    connection.history.add("> ", text);
    connection.unanswered.emplace(id, std::move(waiting));
    ++unanswered_count_;
    ++counts_.commands;
    return text;
}

void Model::prepare(Connection& connection, const Join& join, Unanswered& waiting) {
    waiting.group_step = ++connection.group_steps_sent;
    waiting.in_group = connection.group == join.group;
    go_on(connection, waiting, join.group);
    if (!waiting.in_group) connection.deeds->left.insert(connection.group);
    connection.deeds->joined.insert(join.group);
    connection.group = join.group;
}

void Model::prepare(Connection& connection, const Leave&, Unanswered& waiting) {
    waiting.group_step = ++connection.group_steps_sent;
    go_on(connection, waiting, {});
    connection.deeds->left.insert(std::exchange(connection.group, {}));
}

/// Of what the lost connection had asked for last, nobody knows what was carried out: its place may be in any
/// group that it ever joined, and is given up by going to another.
void Model::go_on(Connection& connection, Unanswered& waiting, const std::string& group) {
    if (connection.earlier == 0 || waiting.group_step > 1) return;
    Deeds& deeds = *connection.deeds;
    waiting.may_be_in = deeds.joined.contains(group);
    for (const std::string& other : deeds.joined) {
        if (other != group) deeds.left.insert(other);
    }
}

void Model::prepare(Connection& connection, const Post& post, Unanswered& waiting) {
    ++counts_.posts;
    waiting.group_step = connection.group_steps_sent;
    waiting.posting = {connection.serial, ++connection.last_post, post.to};
    switch (post.to.kind) {
        case Target::Kind::group:
            waiting.in_group = connection.group == post.to.name;
            break;
        case Target::Kind::user:
            if (const auto there = signed_in_by_user_.find(post.to.name); there != signed_in_by_user_.end())
                waiting.recipients = there->second;
            break;
        case Target::Kind::cid:
            const auto known = peers_by_cid_.find(post.to.name);
            if (known == peers_by_cid_.end()) break;
            const Serial recipient = peers_[known->second].serial;
            if (recipient == 0 || !at(recipient).signed_in()) break;
            waiting.recipients = {recipient};
            at(recipient).direct_owed.emplace(std::pair(connection.serial, waiting.posting.number), false);
            break;
    }
}

void Model::on_reply(Connection& connection, const Reply& reply) {
    const auto found = connection.unanswered.find(reply.id);
    if (found == connection.unanswered.end()) {
        fault(connection,
              fmt::format("command {} is answered but was not sent or was answered before", reply.id));
        return;
    }
    const Unanswered waiting = std::move(found->second);
    connection.unanswered.erase(found);
    --unanswered_count_;
    std::visit([&](const auto& command) { answer(connection, command, waiting, reply); }, waiting.command);
}

void Model::answer(Connection& connection, const Connect& connect, const Unanswered&, const Reply& reply) {
    if (!reply.ok || reply.user != connection.user || reply.cid.empty()) {
        fault(connection, fmt::format("the sign-in must be accepted with the same user, but is {} as user {}",
                                      outcome_of(reply), reply.user));
        return;
    }
    if (reply.resumed != (reply.cid == connect.session))
        fault(connection, fmt::format("it asked to go on as \"{}\", and is {} with resumed = {}",
                                      connect.session, reply.cid, reply.resumed));
    if (connection.must_resume && !reply.resumed)
        fault(connection, fmt::format("it came back in time, but cannot go on as {}", connect.session));
    connection.resumed = reply.resumed;
    counts_.resumed += reply.resumed ? 1 : 0;
    Known& known = peers_[peer(reply.cid, reply.user)];
    if (known.serial != (reply.resumed ? connection.earlier : 0))
        fault(connection, fmt::format("{} is the name of #{} already", reply.cid, known.serial));
    if (known.user != reply.user) fault(connection, fmt::format("others call it user {}", known.user));
    known.serial = connection.serial;
    connection.cid = reply.cid;
    signed_in_by_user_[connection.user].push_back(connection.serial);
}

void Model::answer(Connection& connection, const Refresh&, const Unanswered&, const Reply& reply) {
    if (!reply.ok)
        fault(connection, fmt::format("the new token must be accepted, but is {}", outcome_of(reply)));
}

void Model::answer(Connection& connection, const Join& join, const Unanswered& waiting, const Reply& reply) {
    if (!reply.ok || reply.group != join.group || reply.epoch.empty() || !reply.offset) {
        fault(connection, fmt::format("the join of {} must be accepted with a place in it, but is {} in {}",
                                      join.group, outcome_of(reply), reply.group));
        return;
    }
    const Place place{join.group, reply.epoch, *reply.offset};
    if (!waiting.in_group && !waiting.may_be_in) {
        // The notice of a join stands right before what the newcomer gets, unless nobody was there to get it.
        const auto contradiction = place.offset == 0
                                       ? chronicle_.begun(place)
                                       : chronicle_.told(place, "USER_JOINED " + connection.cid);
        if (contradiction) fault(connection, *contradiction);
    }
    if (waiting.group_step < connection.group_steps_answered)
        return;  // it had gone on when this was carried out
    connection.group_steps_answered = waiting.group_step;

    const auto& membership = connection.membership;
    if (waiting.in_group && membership && membership->group == join.group) {
        // When it has said since then that it goes on, it may have gone before this was answered.
        if (waiting.group_step < connection.group_steps_sent) return;
        if (membership->epoch != place.epoch || membership->next_offset != place.offset + 1)
            fault(connection,
                  fmt::format("it is in the group already and expects offset {} of epoch {} next, but {}",
                              membership->next_offset, membership->epoch, outcome_of(reply)));
        return;
    }
    end_membership(connection);
    connection.membership.emplace();
    connection.membership->group = join.group;
    connection.membership->epoch = place.epoch;
    connection.membership->next_offset = place.offset + 1;
}

void Model::answer(Connection& connection, const Leave&, const Unanswered& waiting, const Reply& reply) {
    if (!reply.ok || !reply.group.empty()) {
        fault(connection,
              fmt::format("the leave must be accepted, but is {} in {}", outcome_of(reply), reply.group));
        return;
    }
    if (waiting.group_step < connection.group_steps_answered) return;
    connection.group_steps_answered = waiting.group_step;
    end_membership(connection);
}

void Model::end_membership(Connection& connection) {
    for (const std::string& owed : group_debts(connection))
        fault(connection, owed);
    connection.membership.reset();
}

void Model::answer(Connection& connection, const Post& post, const Unanswered& waiting, const Reply& reply) {
    switch (post.to.kind) {
        case Target::Kind::group:
            return answer_group_post(connection, waiting, reply);
        case Target::Kind::user:
            return answer_user_post(connection, waiting, reply);
        case Target::Kind::cid:
            return answer_cid_post(connection, waiting, reply);
    }
}

void Model::answer_group_post(Connection& connection, const Unanswered& waiting, const Reply& reply) {
    const std::string meaning = describe(waiting.posting);
    const bool has_place = reply.ok && reply.offset && !reply.epoch.empty();
    if (!waiting.in_group) {
        if (reply.reason != "not_joined")
            fault(connection,
                  fmt::format("{} must be refused: not_joined, but is {}", meaning, outcome_of(reply)));
        return;
    }
    if (!has_place) {
        fault(connection, fmt::format("{} must get a place, but is {}", meaning, outcome_of(reply)));
        return;
    }
    const Place place{waiting.posting.to.name, reply.epoch, *reply.offset};
    if (const auto contradiction = chronicle_.told(place, meaning)) fault(connection, *contradiction);
    auto& membership = connection.membership;
    const bool is_still_member = membership && connection.group_steps_sent == waiting.group_step;
    if (!is_still_member) return;
    if (membership->epoch != place.epoch)
        fault(connection, fmt::format("{} has its place in epoch {}, its sender in {}", meaning, place.epoch,
                                      membership->epoch));
    membership->owed_offset = std::max(membership->owed_offset, place.offset);
}

void Model::answer_user_post(Connection& connection, const Unanswered& waiting, const Reply& reply) {
    const std::string meaning = describe(waiting.posting);
    if (!reply.ok)
        fault(connection, fmt::format("{} must be accepted, but is {}", meaning, outcome_of(reply)));
    if (reply.offset) note_private_place(connection, waiting.posting, *reply.offset);
    for (const Serial serial : waiting.recipients) {
        Connection& recipient = at(serial);
        if (!recipient.open) continue;
        if (!reply.offset) {
            fault(connection, fmt::format("{} is {}, but #{} of that user was connected throughout", meaning,
                                          outcome_of(reply), serial));
            continue;
        }
        if (recipient.private_epoch.empty()) recipient.private_epoch = reply.epoch;
        if (recipient.private_epoch != reply.epoch)
            fault(recipient,
                  fmt::format("the stream of its user changes its epoch from {} to {} though it is "
                              "connected",
                              recipient.private_epoch, reply.epoch));
        if (recipient.private_owed_first == 0) recipient.private_owed_first = *reply.offset;
        recipient.private_owed_first = std::min(recipient.private_owed_first, *reply.offset);
        recipient.private_owed_last = std::max(recipient.private_owed_last, *reply.offset);
        if (recipient.private_next != 0 && recipient.private_first > *reply.offset)
            fault(recipient, fmt::format("{} at private offset {} never came: the first was {}", meaning,
                                         *reply.offset, recipient.private_first));
    }
}

void Model::answer_cid_post(Connection& connection, const Unanswered& waiting, const Reply& reply) {
    const std::string meaning = describe(waiting.posting);
    if (reply.offset || (!reply.ok && reply.reason != "recipient_not_found"))
        fault(connection, fmt::format("{} is {}", meaning, outcome_of(reply)));
    if (waiting.recipients.empty()) return;
    Connection& recipient = at(waiting.recipients.front());
    if (!recipient.open) return;
    if (!reply.ok)
        fault(connection,
              fmt::format("{} is {}, but it was connected throughout", meaning, outcome_of(reply)));
    const auto owed = recipient.direct_owed.find({connection.serial, waiting.posting.number});
    if (owed != recipient.direct_owed.end()) owed->second = true;
}

void Model::note_private_place(Connection& witness, const Posting& posting, std::uint64_t offset) {
    auto& places = at(posting.from).private_places;
    const auto known = places.try_emplace(posting.number, offset).first;
    if (known->second != offset)
        fault(witness,
              fmt::format("{} is at private offset {} and at {}", describe(posting), known->second, offset));
    if (places.size() > kPrivatePlacesMax) places.erase(places.begin());
}

}  // namespace pipit::soak
