#include "net/skapi_service.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

namespace pipit::net {

using Reason = auth::TokenError::Reason;

SkapiService::SkapiService(const SkapiSettings& settings, std::size_t endpoint,
                           std::vector<SkapiApplications::Application> applications,
                           std::shared_ptr<const auth::KeyRing> keys, std::function<void()> want_keys)
    : settings_(settings),
      endpoint_(endpoint),
      want_keys_(std::move(want_keys)),
      applications_(settings, std::move(applications), std::move(keys)),
      desk_(settings, applications_, want_keys_) {}

void SkapiService::keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched) {
    applications_.set_keys(std::move(keys));
    desk_.keys_arrived(fetched);
    for (SkapiClient* client : std::exchange(waiting_for_keys_, {})) {
        const auto bearer = applications_.bearer_of(client->token());
        if (bearer) {
            let_in(*client, *bearer);
        } else if (bearer.error().reason == Reason::unknown_key && !fetched) {
            client->turn_away(codec::CloseReason::unavailable, {});
        } else {
            client->turn_away(codec::CloseReason::token_refused, bearer.error().message());
        }
    }
}

Admission SkapiService::admit(const HttpRequest& request, WebSocketOpening opening) {
    if (opening.endpoint != endpoint_) return applications_.home().admit(request, std::move(opening));
    auto bearer = applications_.bearer_of(opening.token.value_or(""));
    if (!bearer && bearer.error().reason != Reason::unknown_key) {
        spdlog::debug("a client of skapi was refused: {}", bearer.error().message());
        return refusal(401, bearer.error().message() + "\n");
    }
    return [this, bearer = std::move(bearer),
            opening = std::move(opening)](WebSocketConnection& connection) mutable {
        return open(connection, std::move(opening), bearer ? &*bearer : nullptr);
    };
}

std::unique_ptr<WebSocketHandler> SkapiService::open(WebSocketConnection& connection,
                                                     WebSocketOpening&& opening,
                                                     const skapi::TokenReader::Bearer* bearer) {
    auto client =
        std::make_unique<SkapiClient>(settings_.client, static_cast<SkapiClients&>(*this), connection,
                                      std::move(opening.token).value_or(""), std::move(opening.host));
    if (bearer != nullptr) {
        let_in(*client, *bearer);
    } else {
        waiting_for_keys_.insert(client.get());
        want_keys_();
    }
    return client;
}

void SkapiService::let_in(SkapiClient& client, const skapi::TokenReader::Bearer& bearer) {
    client.sign_in(applications_.realtime_of(bearer), applications_.native_token_of(bearer));
}

void SkapiService::gone(SkapiClient& client) {
    waiting_for_keys_.erase(&client);
    std::ranges::replace(to_translate_, &client, nullptr);
}

RequestOutcome SkapiService::offer(const HttpRequest& request, HttpResponder responder) {
    auto outcome = desk_.offer(request, responder);
    if (!std::holds_alternative<NotForService>(outcome)) return outcome;
    return applications_.home().offer(request, std::move(responder));
}

void SkapiService::begin_turn() {
    for (const auto& application : applications_.all())
        application.realtime->begin_turn();
}

bool SkapiService::turn_is_full() const {
    return std::ranges::any_of(applications_.all(),
                               [](const auto& application) { return application.realtime->turn_is_full(); });
}

void SkapiService::end_turn() {
    for (const auto& application : applications_.all())
        application.realtime->end_turn();
}

void SkapiService::carry_out_effects() {
    // Before connections are closed, so that all that they were sent goes out in front of that.
    for (SkapiClient* client : std::exchange(to_translate_, {})) {
        if (client != nullptr) client->translate();
    }
    for (const auto& application : applications_.all())
        application.realtime->carry_out_effects();
}

void SkapiService::tick() {
    for (const auto& application : applications_.all())
        application.realtime->tick();
}

bool SkapiService::drain_some() {
    bool is_somebody_left = !waiting_for_keys_.empty() || !desk_.empty();
    for (const auto& application : applications_.all())
        is_somebody_left |= application.realtime->drain_some();
    return is_somebody_left;
}

void SkapiService::stop() {
    desk_.stop();
    for (const auto& application : applications_.all())
        application.realtime->stop();
}

}  // namespace pipit::net
