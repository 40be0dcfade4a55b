#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "net/service.hpp"
#include "net/skapi_applications.hpp"
#include "net/skapi_client.hpp"
#include "net/skapi_desk.hpp"
#include "net/skapi_settings.hpp"

namespace pipit::net {

/// The applications of a server on one worker, with the public client let in: its WebSockets are those of the
/// endpoint at kSkapiSocketPath, its calls those below kSkapiPath, and everything else is the first
/// application's.
class SkapiService final : public Service, private SkapiClients {
 public:
    /// `settings` must outlive it. `want_keys`: a token names a key that nobody knows.
    SkapiService(const SkapiSettings& settings, std::size_t endpoint,
                 std::vector<SkapiApplications::Application> applications,
                 std::shared_ptr<const auth::KeyRing> keys, std::function<void()> want_keys);

    void keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched);

    /// 401 for a token that is certainly no good. One whose key has to be fetched first is let in: the client
    /// never recovers from a first connection that was refused.
    Admission admit(const HttpRequest& request, WebSocketOpening opening) override;
    RequestOutcome offer(const HttpRequest& request, HttpResponder responder) override;
    void begin_turn() override;
    bool turn_is_full() const override;
    void end_turn() override;
    void carry_out_effects() override;
    void tick() override;
    bool drain_some() override;
    void stop() override;

 private:
    void translate_later(SkapiClient& client) override { to_translate_.push_back(&client); }
    void gone(SkapiClient& client) override;
    /// `bearer`: null when the key of the token is not known yet.
    std::unique_ptr<WebSocketHandler> open(WebSocketConnection& connection, WebSocketOpening&& opening,
                                           const skapi::TokenReader::Bearer* bearer);
    void let_in(SkapiClient& client, const skapi::TokenReader::Bearer& bearer);

    const SkapiSettings& settings_;
    const std::size_t endpoint_;
    const std::function<void()> want_keys_;
    SkapiApplications applications_;
    SkapiDesk desk_;
    std::vector<SkapiClient*> to_translate_;  // null: has gone meanwhile
    std::set<SkapiClient*> waiting_for_keys_;
};

}  // namespace pipit::net
