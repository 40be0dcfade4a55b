#include "core/post_answers.hpp"

#include "codec/pipit_v1.hpp"

namespace pipit::core {

using codec::ErrorReason;

void PostAnswers::answer(const Caller& caller, std::uint64_t command_id, PostPlace place,
                         NotificationPtr notification, std::vector<UserId> addressed,
                         std::shared_ptr<NotificationOutcome> outcome) {
    std::string text;
    if (!notification || addressed.empty()) {
        codec::v1::append_posted(text, command_id, place.epoch, place.offset);
        reply(caller, std::move(text));
        return;
    }
    codec::v1::append_position(text, place.epoch, place.offset);
    // The answer takes its way past here when the next one who sends this post has to know it.
    const WorkerIndex answered_at = outcome ? self_ : caller.address.worker;
    if (outcome) waiting_.insert_or_assign({caller.address, command_id}, std::move(outcome));
    const WorkerIndex first = port_.home_of(*addressed.front());
    port_.send(first, SortAddressed{.asker = {answered_at, caller.address, command_id},
                                    .answer = std::move(text),
                                    .author = caller.user,
                                    .notification = std::move(*notification),
                                    .unknown = std::move(addressed)});
}

void PostAnswers::answer_again(const Caller& caller, std::uint64_t command_id, std::string_view epoch,
                               const PostKeys::Post& post) {
    if (post.notification && *post.notification == NotificationOutcome::pending)
        return refuse(caller, command_id, ErrorReason::unavailable);
    if (post.notification && *post.notification == NotificationOutcome::not_kept)
        return refuse(caller, command_id, ErrorReason::notification_not_kept);
    std::string text;
    codec::v1::append_posted(text, command_id, post.offset == 0 ? "" : epoch, post.offset);
    reply(caller, std::move(text));
}

void PostAnswers::refuse(const Caller& caller, std::uint64_t command_id, ErrorReason reason,
                         std::string_view message) {
    std::string text;
    codec::v1::append_error(text, command_id, reason, message);
    reply(caller, std::move(text));
}

void PostAnswers::note(const Answer& answer) {
    if (waiting_.empty() || !answer.to.session) return;
    const auto found = waiting_.find({*answer.to.session, answer.to.id});
    if (found == waiting_.end()) return;
    *found->second = answer.error ? NotificationOutcome::not_kept : NotificationOutcome::kept;
    waiting_.erase(found);
}

}  // namespace pipit::core
