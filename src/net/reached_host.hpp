#pragma once

#include <string>
#include <string_view>

namespace pipit::net {

/// The host in a request's Host field (RFC 9110 section 7.2), without its port: a name of at most 255
/// letters, digits, hyphens and dots, an IPv4 address, or an IPv6 address in brackets. "" when it is none of
/// these, so that nothing else is ever told to a client as the name of this server.
std::string reached_host(std::string_view host_field);

}  // namespace pipit::net
