#pragma once

#include <memory>

#include "net/service.hpp"

namespace pipit::net {

/// Sends every message back as it came: what conformance suites talk to.
class EchoService final : public Service {
 public:
    Admission admit(const HttpRequest& request, WebSocketOpening opening) override;
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
