#pragma once

#include "load/wire.hpp"

namespace pipit::bench {

/// bare_send.cpp: the seat is in the path, and the posted text is what everyone gets.
class BareWire : public Wire {
 public:
    std::string upgrade_target(const Seat& seat) const override;
    bool ready_at_once() const override { return true; }
    Heard hear(const Seat& seat, std::string_view text, std::string& answer) const override;
    std::string post(const Seat& seat, std::uint64_t sequence) const override;
    bool acknowledges() const override { return false; }
};

}  // namespace pipit::bench
