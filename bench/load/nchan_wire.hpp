#pragma once

#include "load/wire.hpp"

namespace pipit::bench {

/// nginx with nchan, as servers/nginx.conf sets it up: a channel for each room, posts by HTTP.
class NchanWire : public Wire {
 public:
    std::string upgrade_target(const Seat& seat) const override;
    bool ready_at_once() const override { return true; }
    Heard hear(const Seat& seat, std::string_view text, std::string& answer) const override;
    std::string post(const Seat& seat, std::uint64_t sequence) const override;
    bool posts_by_http() const override { return true; }
};

}  // namespace pipit::bench
