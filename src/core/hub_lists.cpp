#include <algorithm>

#include <fmt/format.h>

#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;
using State = Session::State;

// Who may see what

std::optional<Visibility> Hub::visibility_for(const Viewer& viewer) const {
    if (viewer.admin) return Visibility{.everything = true, .groups = {}};
    switch (settings_.list_access) {
        case ListAccess::everyone:
            return Visibility{.groups = viewer.groups};
        case ListAccess::members:
            return Visibility{.groups = viewer.groups, .only_groups_of = viewer.user};
        case ListAccess::admins:
            break;
    }
    return std::nullopt;
}

std::optional<MemberQuery> Hub::member_query_for(const Viewer& viewer, v1::ListUsers&& list) const {
    const auto visibility = visibility_for(viewer);
    if (!visibility || (!visibility->everything && !visibility->groups.allows(list.group)))
        return std::nullopt;
    return MemberQuery{.group = std::move(list.group),
                       .user = std::move(list.user_id),
                       .ascending = list.paging.ascending,
                       .limit = list.paging.limit,
                       .only_for_member = visibility->only_groups_of};
}

// Pages

bool Hub::is_any_congested() const {
    return std::ranges::find(congested_, true) != congested_.end();
}

void Hub::list_groups(const Asker& asker, const Viewer& viewer, const v1::ListGroups& list) {
    auto visibility = visibility_for(viewer);
    if (!visibility) {
        lists_.refuse(asker, ErrorReason::not_permitted);
    } else if (is_any_congested()) {
        lists_.refuse(asker, ErrorReason::unavailable);
    } else {
        lists_.list_groups(asker, list, std::move(*visibility));
    }
}

void Hub::list_members(const Asker& asker, const Viewer& viewer, v1::ListUsers&& list) {
    const std::string cursor = std::move(list.paging.cursor);
    if (list.group.empty()) {
        lists_.refuse(asker, ErrorReason::no_group);
        return;
    }
    auto query = member_query_for(viewer, std::move(list));
    if (!query) {
        lists_.refuse(asker, ErrorReason::not_permitted);
    } else if (is_congested(home_of(query->group))) {
        lists_.refuse(asker, ErrorReason::unavailable);
    } else {
        lists_.list_members(asker, std::move(*query), cursor);
    }
}

void Hub::list_history(const Asker& asker, const Viewer& viewer, std::string_view joined,
                       v1::ReadHistory&& history) {
    if (history.group.empty()) return refuse(asker, ErrorReason::no_group);
    // Who is in a group stays there with a token that would not let it in, and hears all that is sent to it.
    if (!viewer.admin && history.group != joined && !viewer.groups.allows(history.group))
        return refuse(asker, ErrorReason::not_permitted);
    const WorkerIndex home = home_of(history.group);
    if (is_congested(home)) return refuse(asker, ErrorReason::unavailable);
    send(home, ListHistory{asker, viewer.user, std::move(history)});
}

void Hub::on_command(Session& session, std::uint64_t id, v1::ReadHistory&& history) {
    if (history.group.empty()) history.group = session.group;
    list_history(asker_of(session, id), viewer_of(session), session.group, std::move(history));
}

void Hub::on_command(Session& session, std::uint64_t id, v1::ListGroups&& list) {
    list_groups(asker_of(session, id), viewer_of(session), list);
}

void Hub::on_command(Session& session, std::uint64_t id, v1::ListUsers&& list) {
    if (list.group.empty()) list.group = session.group;
    list_members(asker_of(session, id), viewer_of(session), std::move(list));
}

void Hub::on_message(Answer&& message) {
    post_answers_.note(message);
    if (message.to.session && message.to.session->worker != self_) {
        message.to.worker = message.to.session->worker;
        const WorkerIndex worker = message.to.worker;
        return send(worker, std::move(message));
    }
    if (!message.to.session) {
        if (message.error) {
            answer_question(message.to.id, *message.error, message.text);
        } else {
            effects_.answers.push_back({message.to.id, std::nullopt, 0, std::move(message.text)});
        }
        return;
    }
    Session* session = sessions_.find(*message.to.session);
    if (session == nullptr || session->state != State::ready) return;
    if (message.error) {
        reply_error(*session, message.to.id, *message.error, message.text);
    } else if (message.is_page && session->outbox.bytes() > settings_.page_bytes_max) {
        // It has not read what it asked for before, and is not to be cut off for asking.
        reply_error(*session, message.to.id, ErrorReason::unavailable);
    } else {
        v1::append_ok(fresh_json(), message.to.id, message.text);
        send_json(*session, json_);
    }
}

// Watches

void Hub::on_command(Session& session, std::uint64_t id, v1::Watch&& watch) {
    const Viewer viewer = viewer_of(session);
    StartWatch start{session.caller(), id, {}, nullptr, {}};
    WorkerIndex home;
    if (auto* groups = std::get_if<v1::ListGroups>(&watch.list)) {
        auto visibility = visibility_for(viewer);
        if (!visibility) return reply_error(session, id, ErrorReason::not_permitted);
        const std::string sees = visibility->fingerprint();
        start.groups = std::make_shared<const GroupQuery>(GroupQuery::of(*groups, std::move(*visibility)));
        start.key =
            fmt::format("{} {}:{} {}", start.groups->limit, sees.size(), sees, start.groups->fingerprint());
        home = home_of(start.key);
    } else {
        auto& users = std::get<v1::ListUsers>(watch.list);
        if (users.group.empty()) users.group = session.group;
        if (users.group.empty()) return reply_error(session, id, ErrorReason::no_group);
        auto query = member_query_for(viewer, std::move(users));
        if (!query) return reply_error(session, id, ErrorReason::not_permitted);
        start.members = std::move(*query);
        const std::string viewer_id = start.members.only_for_member ? *session.user : std::string();
        start.key = fmt::format("{}:{} {} {}", viewer_id.size(), viewer_id, start.members.limit,
                                start.members.fingerprint());
        home = home_of(start.members.group);
    }
    if (!session.watches) session.watches = std::make_unique<SessionWatches>();
    if (session.watches->count_without(start.key) >= settings_.watches_per_connection_max)
        return reply_error(session, id, ErrorReason::too_many_watches);
    if (is_congested(home)) return reply_error(session, id, ErrorReason::unavailable);
    session.watches->add({id, start.key, home});
    send(home, std::move(start));
}

void Hub::on_message(Watching&& message) {
    Session* session = sessions_.find(message.to.address);
    SessionWatches::Watch* watch = session != nullptr && session->watches
                                       ? session->watches->find_unanswered(message.command_id, message.key)
                                       : nullptr;
    if (watch == nullptr) {
        if (!message.watch.empty()) send(message.home, StopWatch{message.to, message.watch});
        // What it may see has changed since it asked.
        if (session != nullptr && session->state == State::ready)
            reply_error(*session, message.command_id, ErrorReason::unavailable);
        return;
    }
    if (message.watch.empty()) {
        session->watches->remove(*watch);
        send_json(*session, message.json);
        return;
    }
    // The same list again: it begins anew with this answer, which must stand between what was sent before and
    // what comes.
    if (SessionWatches::Watch* earlier = session->watches->find(message.watch))
        stop_watch(*session, *earlier);
    send_json(*session, message.json);
    watch->id = std::move(message.watch);
    local_groups_.add(delivery_name_of(watch->id), session->outbox, session->deflate, watch->membership);
}

void Hub::on_command(Session& session, std::uint64_t id, v1::Unwatch&& unwatch) {
    if (SessionWatches::Watch* watch = session.watches ? session.watches->find(unwatch.watch) : nullptr)
        stop_watch(session, *watch);
    v1::append_ok(fresh_json(), id, "{}");
    send_json(session, json_);
}

void Hub::on_message(WatchEnded&& message) {
    // It happens when somebody may not see a group any more: too seldom to keep a list of who watches what.
    sessions_.for_each([&](Session& session) {
        SessionWatches::Watch* watch = session.watches ? session.watches->find(message.watch) : nullptr;
        if (watch == nullptr) return;
        local_groups_.remove(watch->membership);
        session.watches->remove(*watch);
        v1::append_unwatched_event(fresh_json(), message.watch);
        send_json(session, json_);
    });
}

void Hub::stop_watch(Session& session, SessionWatches::Watch& watch) {
    local_groups_.remove(watch.membership);
    // One that is not answered yet is stopped when its answer finds nobody.
    if (!watch.id.empty()) send(watch.home, StopWatch{session.caller(), watch.id});
    session.watches->remove(watch);
}

void Hub::stop_watches(Session& session) {
    while (session.watches && !session.watches->empty())
        stop_watch(session, session.watches->front());
    session.watches.reset();
}

void Hub::end_watches(Session& session) {
    if (!session.watches) return;
    std::vector<std::string> ended = session.watches->ids();
    stop_watches(session);
    for (const std::string& id : ended) {
        v1::append_unwatched_event(fresh_json(), id);
        send_json(session, json_);
    }
}

}  // namespace pipit::core
