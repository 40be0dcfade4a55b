#include "net/skapi_desk.hpp"

#include <utility>

#include "base/overloaded.hpp"
#include "net/cors.hpp"
#include "skapi/refresh.hpp"

namespace pipit::net {

namespace {

HttpResponse unavailable(HubAnswer answer, const std::string& origin) {
    // The form is that of an answer, and there is none.
    return skapi_response(std::move(answer), codec::skapi::AnswerForm::done, {}, origin);
}

}  // namespace

RequestOutcome SkapiDesk::offer(const HttpRequest& request, HttpResponder responder) {
    auto read = read_skapi_request(request, settings_);
    return std::visit(
        base::Overloaded{[](std::monostate) -> RequestOutcome { return NotForService{}; },
                         [](HttpResponse& response) -> RequestOutcome { return std::move(response); },
                         [&](SkapiCall& call) { return carry_out(std::move(call), std::move(responder)); },
                         [&](SkapiRefresh& wish) -> RequestOutcome { return refresh(wish); }},
        read);
}

RequestOutcome SkapiDesk::carry_out(SkapiCall&& call, HttpResponder&& responder) {
    const auto bearer = applications_.bearer_of(call.token);
    if (bearer) return carry_out_for(*bearer, std::move(call), std::move(responder));
    if (bearer.error().reason != auth::TokenError::Reason::unknown_key)
        return skapi_token_refused(bearer.error(), call.origin);
    waiting_.push_back({std::move(call), std::move(responder)});
    want_keys_();
    return AnswersLater{};
}

RequestOutcome SkapiDesk::carry_out_for(const skapi::TokenReader::Bearer& bearer, SkapiCall&& call,
                                        HttpResponder&& responder) {
    RealtimeService& realtime = applications_.realtime_of(bearer);
    if (realtime.is_draining()) return unavailable(HubAnswer::while_stopping(), call.origin);
    const std::string& service = settings_.services[bearer.service].id;
    auto read = codec::skapi::read_call(call.call, call.body, service, settings_.json_depth_max);
    if (auto* bad = std::get_if<codec::skapi::BadCall>(&read))
        return json_response(400, std::move(bad->json), call.origin);
    if (auto* direct = std::get_if<codec::skapi::Direct>(&read))
        return json_response(200, std::move(direct->json), call.origin);
    const auto& question = std::get<codec::skapi::Question>(read);
    realtime.ask(
        applications_.native_token_of(bearer), question.command, std::move(call.host),
        [responder = std::move(responder), origin = std::move(call.origin), form = question.form, &service](
            HubAnswer answer) { responder(skapi_response(std::move(answer), form, service, origin)); });
    return AnswersLater{};
}

HttpResponse SkapiDesk::refresh(const SkapiRefresh& wish) const {
    const auto tokens = applications_.refresh(wish.token);
    if (!tokens)
        return json_response(400, skapi::refresh_refused_json(tokens.error().message()), wish.origin);
    return json_response(200, skapi::refreshed_json(*tokens), wish.origin);
}

void SkapiDesk::keys_arrived(bool fetched) {
    for (Waiting& waiting : std::exchange(waiting_, {})) {
        const HttpResponder responder = waiting.responder;
        const std::string origin = waiting.call.origin;
        const auto bearer = applications_.bearer_of(waiting.call.token);
        if (bearer) {
            auto outcome = carry_out_for(*bearer, std::move(waiting.call), std::move(waiting.responder));
            if (auto* response = std::get_if<HttpResponse>(&outcome)) responder(std::move(*response));
        } else if (bearer.error().reason == auth::TokenError::Reason::unknown_key && !fetched) {
            responder(unavailable(HubAnswer::timed_out(), origin));
        } else {
            responder(skapi_token_refused(bearer.error(), origin));
        }
    }
}

void SkapiDesk::stop() {
    for (const auto& [call, responder] : std::exchange(waiting_, {}))
        responder(unavailable(HubAnswer::while_stopping(), call.origin));
}

}  // namespace pipit::net
