#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "rtc/turn_credentials.hpp"

namespace pipit::rtc {

/// What clients are told to find their way to each other with.
struct IceSettings {
    std::uint16_t stun_port = 0;         ///< UDP, where this server answers STUN; 0: it does not
    std::string stun_host;               ///< under which it is reached; "": the one that the client used
    std::vector<std::string> turn_urls;  ///< RFC 7065; empty: no TURN
    TurnSecret turn_secret;              ///< not empty when there are urls
    std::chrono::seconds turn_credential_ttl{3'600};
};

/// The content of the answer to `ice` (PROTOCOL.md 2.12). `host` is the name by which the client has reached
/// us, an IPv6 address in brackets, without a port; "" when that is not known, and then our own STUN is left
/// out unless the settings name its host. `user` is whom TURN credentials, if any, are made for.
std::string ice_servers_json(const IceSettings& settings, std::string_view host, std::string_view user,
                             base::UnixSeconds now);

}  // namespace pipit::rtc
