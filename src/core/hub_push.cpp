#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;

// Commands

bool Hub::may_push(const Asker& asker) {
    if (!settings_.push) {
        refuse(asker, ErrorReason::push_disabled);
    } else if (push_congested_) {
        refuse(asker, ErrorReason::push_queue_full);
    }
    return settings_.push && !push_congested_;
}

void Hub::refuse(const Asker& asker, ErrorReason reason, std::string message) {
    send(asker.worker, Answer{asker, reason, std::move(message)});
}

void Hub::carry_out_for(const Asker& asker, const Viewer&, v1::VapidKey&&) {
    if (may_push(asker)) effects_.push.push_back(TellVapidKey{asker});
}

void Hub::carry_out_for(const Asker& asker, const Viewer& viewer, v1::Subscribe&& subscribe) {
    if (may_push(asker)) effects_.push.push_back(KeepSubscription{asker, viewer.user, std::move(subscribe)});
}

void Hub::carry_out_for(const Asker& asker, const Viewer& viewer, v1::Unsubscribe&& unsubscribe) {
    if (may_push(asker))
        effects_.push.push_back(DropSubscription{asker, viewer.user, std::move(unsubscribe)});
}

void Hub::carry_out_for(const Asker& asker, const Viewer&, v1::Resubscribe&& resubscribe) {
    if (may_push(asker)) effects_.push.push_back(ReplaceSubscription{asker, std::move(resubscribe)});
}

void Hub::carry_out_for(const Asker& asker, const Viewer& viewer, v1::Push&& push) {
    if (!may_push(asker)) return;
    if (!viewer.admin) {
        refuse(asker, ErrorReason::not_permitted, "Only admins may do this.");
    } else if (push.users && push.users->size() > settings_.users_per_notification_max) {
        refuse(asker, ErrorReason::invalid_parameter,
               fmt::format("\"users\" must have at most {} users.", settings_.users_per_notification_max));
    } else {
        effects_.push.push_back(PushToUsers{asker, viewer.user, std::move(push)});
    }
}

void Hub::carry_out_for(const Asker& asker, const Viewer& viewer, v1::Pushed&& pushed) {
    if (!may_push(asker)) return;
    if (!viewer.admin) {
        refuse(asker, ErrorReason::not_permitted, "Only admins may do this.");
    } else {
        effects_.push.push_back(TellPushProgress{asker, pushed.push});
    }
}

void Hub::ask_unsigned(std::uint64_t id, std::string_view command) {
    auto decoded = v1::decode(command, settings_.decode);
    auto* what = std::get_if<v1::Command>(&decoded);
    const Asker asker{self_, std::nullopt, id};
    if (what == nullptr) {
        answer_question(id, ErrorReason::bad_message);
    } else if (auto* resubscribe = std::get_if<v1::Resubscribe>(&what->what)) {
        if (may_push(asker)) effects_.push.push_back(ReplaceSubscription{asker, std::move(*resubscribe)});
    } else if (auto* refused = std::get_if<v1::Refused>(&what->what)) {
        answer_question(id, refused->reason, refused->message);
    } else {
        answer_question(id, ErrorReason::not_signed_in);
    }
}

// The notification of a post

void Hub::on_message(SortAddressed&& message) {
    const bool always = message.notification.always;
    const auto at_home_here =
        std::partition(message.unknown.begin(), message.unknown.end(),
                       [&](const UserId& user) { return !always && home_of(*user) != self_; });
    std::for_each(at_home_here, message.unknown.end(), [&](UserId& user) {
        const bool is_here = !always && user_home_.is_connected(*user);
        (is_here ? message.here : message.away).push_back(std::move(user));
    });
    message.unknown.erase(at_home_here, message.unknown.end());
    if (!message.unknown.empty()) {
        const WorkerIndex next = home_of(*message.unknown.front());
        send(next, std::move(message));
        return;
    }
    effects_.push.push_back(NotifyAddressed{message.asker, std::move(message.answer),
                                            std::move(message.author), std::move(message.notification),
                                            std::move(message.away), std::move(message.here)});
}

void Hub::on_message(ProbeUsers&& message) {
    for (const UserId& user : message.users)
        user_home_.probe(*user, message.notification);
}

void Hub::on_message(ProbeSession&& message) {
    Session* session = sessions_.find(message.to);
    if (session == nullptr || session->state != Session::State::ready) return;
    if (session->heartbeats_unanswered == Session::kDoesNotAnswer) return;
    if (!session->arrivals) session->arrivals = std::make_unique<Arrivals>();
    if (!session->arrivals->has_room()) return;
    send_heartbeat(*session);
    session->arrivals->expect(message.notification, session->heartbeats_unanswered);
}

void Hub::send_heartbeat(Session& session) {
    // From so many on nobody knows any more which of them an answer would be for.
    if (session.heartbeats_unanswered < Session::kDoesNotAnswer) ++session.heartbeats_unanswered;
    send_json(session, "{}");
}

void Hub::on_heartbeat(Session& session) {
    const bool is_answer =
        session.heartbeats_unanswered > 0 && session.heartbeats_unanswered < Session::kDoesNotAnswer;
    if (!is_answer) return;
    --session.heartbeats_unanswered;
    if (!session.arrivals) return;
    session.arrivals->on_answer([&](std::uint64_t notification) {
        effects_.push.push_back(MessageArrived{notification, session.user});
    });
    if (session.arrivals->empty()) session.arrivals.reset();
}

}  // namespace pipit::core
