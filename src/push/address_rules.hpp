#pragma once

#include <optional>
#include <string_view>

#include "push/ip_address.hpp"

namespace pipit::push {

/// What makes an address none that a stranger may have us connect to: "a loopback address",
/// "a private address" and so on; nothing for an address of the public internet. After the registries of
/// special-purpose addresses (RFC 6890), multicast, and, for IPv6, all that is not global unicast. An IPv6
/// address that stands for an IPv4 one (mapped, NAT64, 6to4) is judged by that one.
std::optional<std::string_view> why_not_public(const IpAddress& address);

}  // namespace pipit::push
