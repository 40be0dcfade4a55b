#pragma once

#include "net/boost_asio.hpp"

namespace pipit::net {

/// An IPv4 address as itself, also when a socket that takes both kinds has mapped it into IPv6.
asio::ip::address unmapped(const asio::ip::address& address);

/// What is counted as one source: an IPv6 network of 64 bits, for a single host has all of it.
asio::ip::address counted_address(const asio::ip::address& address);

}  // namespace pipit::net
