#pragma once

#include <string>
#include <vector>

#include "load/json_wire.hpp"

namespace pipit::bench {

/// pipit.v1 of clients that remember who they were and how far they came. The first connection of a member
/// joins as any does; each later one goes on as that one and asks for what it has missed (PROTOCOL.md 2.8
/// and 2.14).
class RecoveringWire : public JsonWire {
 public:
    RecoveringWire(auth::Secret secret, std::uint32_t members);

    std::string greeting(const Seat& seat) const override;
    Heard hear(const Seat& seat, std::string_view text, std::string& answer) const override;

 private:
    struct Place {
        std::string cid;
        std::string epoch;
        std::uint64_t offset = 0;  ///< of the last event that it has
    };

    void remember(Place& place, std::string_view object) const;

    mutable std::vector<Place> places_;  ///< by member
};

}  // namespace pipit::bench
