#include "load/bare_wire.hpp"

#include <fmt/format.h>

#include "load/commands.hpp"

namespace pipit::bench {

std::string BareWire::upgrade_target(const Seat& seat) const {
    return fmt::format("/{}/{}", seat.inbox, seat.outbox);
}

Heard BareWire::hear(const Seat&, std::string_view, std::string&) const {
    return {.deliveries = 1};
}

std::string BareWire::post(const Seat& seat, std::uint64_t sequence) const {
    return whole_event(seat, sequence);
}

}  // namespace pipit::bench
