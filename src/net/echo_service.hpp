#pragma once

#include <memory>

#include "net/service.hpp"

namespace pipit::net {

/// Sends every message back as it came: what conformance suites talk to.
class EchoService final : public Service {
 public:
    std::optional<HttpResponse> refuse(const HttpRequest&, const WebSocketOpening&) override {
        return std::nullopt;
    }
    std::unique_ptr<WebSocketHandler> open(WebSocketConnection& connection,
                                           WebSocketOpening opening) override;
    RequestOutcome offer(const HttpRequest&, HttpResponder) override { return NotForService{}; }
    void begin_turn() override {}
    bool turn_is_full() const override { return false; }
    void end_turn() override {}
    void carry_out_effects() override {}
    void tick() override {}
    bool drain_some() override { return false; }
    void stop() override {}
};

}  // namespace pipit::net
