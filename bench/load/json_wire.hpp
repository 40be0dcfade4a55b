#pragma once

#include <optional>

#include "auth/secret.hpp"
#include "load/wire.hpp"

namespace pipit::bench {

/// The commands, replies and events of pipit.v1 (protocol/PROTOCOL.md), which the server on npm ws speaks
/// too.
class JsonWire : public Wire {
 public:
    /// With a secret it offers pipit.v1 and signs each member in with a token of its own; without, it only
    /// says who the member is.
    explicit JsonWire(std::optional<auth::Secret> secret);

    std::string upgrade_target(const Seat&) const override { return "/v1/realtime"; }
    std::string_view subprotocol() const override { return secret_ ? "pipit.v1" : ""; }
    std::string greeting(const Seat& seat) const override;
    Heard hear(const Seat& seat, std::string_view text, std::string& answer) const override;
    std::string post(const Seat& seat, std::uint64_t sequence) const override;

 private:
    std::string credentials(const Seat& seat) const;

    std::optional<auth::Secret> secret_;
};

}  // namespace pipit::bench
