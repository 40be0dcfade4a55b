#include <algorithm>
#include <type_traits>

#include "base/overloaded.hpp"
#include "core/command_cost.hpp"
#include "core/hub.hpp"

namespace pipit::core {

namespace v1 = codec::v1;
using codec::ErrorReason;

namespace {
// With fewer users that asked lately nobody looks for those that may be forgotten.
constexpr std::size_t kAskersMin = 1'024;
}  // namespace

void Hub::ask(std::uint64_t id, std::string_view token, std::string_view command, HostName host) {
    ask({id, std::string(token), std::string(command), std::move(host)}, UnknownKey::wait);
}

void Hub::ask(Question&& question, UnknownKey unknown_key) {
    using Reason = auth::TokenError::Reason;
    const std::uint64_t id = question.id;
    const auto identity = verifier_.verify(question.token, time_.unix_now);
    if (!identity) {
        const Reason reason = identity.error().reason;
        if (reason == Reason::unknown_key && unknown_key == UnknownKey::wait) {
            questions_waiting_for_keys_.push_back(std::move(question));
            effects_.keys_wanted = true;
        } else if (reason == Reason::unknown_key && unknown_key == UnknownKey::unavailable) {
            answer_question(id, ErrorReason::unavailable);
        } else {
            answer_question(
                id, reason == Reason::expired ? ErrorReason::token_expired : ErrorReason::token_refused,
                identity.error().message());
        }
        return;
    }
    forget_idle_askers();
    RateLimiter& limiter = askers_.try_emplace(identity->user_id, settings_.rate, time_.now).first->second;
    if (!limiter.take(settings_.rate, time_.now)) {
        answer_question(id, ErrorReason::rate_limited, {}, limiter.wait_ms(settings_.rate));
        return;
    }
    auto decoded = v1::decode(question.command, settings_.decode);
    auto* command = std::get_if<v1::Command>(&decoded);
    if (command != nullptr) limiter.take_also(cost_of(*command) - 1);
    const auto user = std::make_shared<const std::string>(identity->user_id);
    const Viewer viewer{identity->admin, identity->groups, user};
    const Asker asker{self_, std::nullopt, id};
    if (command == nullptr) return answer_question(id, ErrorReason::bad_message);
    const auto answer = base::Overloaded{
        [&](v1::ListGroups& groups) { list_groups(asker, viewer, groups); },
        [&](v1::ListUsers& users) { list_members(asker, viewer, std::move(users)); },
        [&](v1::ReadHistory& history) { list_history(asker, viewer, {}, std::move(history)); },
        [&](v1::Ice&) {
            effects_.answers.push_back(
                {id, std::nullopt, 0, ice_servers_for(identity->user_id, question.host)});
        },
        [&](v1::Refused& refused) { answer_question(id, refused.reason, refused.message); },
        [&](auto& what) {
            if constexpr (AboutPush<std::remove_reference_t<decltype(what)>>) {
                carry_out_for(asker, viewer, std::move(what));
            } else {
                answer_question(id, ErrorReason::unknown_command);
            }
        }};
    std::visit(answer, command->what);
}

void Hub::answer_question(std::uint64_t id, ErrorReason error, std::string_view message,
                          std::uint64_t retry_after_ms) {
    std::string json;
    v1::append_error_content(json, error, message, retry_after_ms);
    effects_.answers.push_back({id, error, retry_after_ms, std::move(json)});
}

void Hub::forget_idle_askers() {
    if (askers_.size() < std::max(kAskersMin, askers_looked_at_size_ * 2)) return;
    boost::unordered::erase_if(
        askers_, [&](const auto& asker) { return asker.second.is_full(settings_.rate, time_.now); });
    // To look again before it has doubled would cost more than it frees.
    askers_looked_at_size_ = askers_.size();
}

}  // namespace pipit::core
