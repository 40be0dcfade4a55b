#include "load/nchan_wire.hpp"

#include <fmt/format.h>

#include "load/commands.hpp"

namespace pipit::bench {

std::string NchanWire::upgrade_target(const Seat& seat) const {
    return fmt::format("/subscribe/{}", seat.inbox);
}

Heard NchanWire::hear(const Seat&, std::string_view, std::string&) const {
    return {.deliveries = 1};
}

std::string NchanWire::post(const Seat& seat, std::uint64_t sequence) const {
    const auto event = whole_event(seat, sequence);
    return fmt::format("POST /publish/{} HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n\r\n{}",
                       seat.outbox, event.size(), event);
}

}  // namespace pipit::bench
