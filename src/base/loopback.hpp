#pragma once

#include <string_view>

namespace pipit::base {

/// Whether `host` is one of the names by which a URL means this machine and nobody else: exactly "localhost",
/// "127.0.0.1" or "[::1]". Other addresses of 127.0.0.0/8 are not taken for it.
bool is_loopback_host(std::string_view host);

/// The same of a host with or without ":PORT", as Host and Origin carry it; anything else around the name,
/// such as user information, makes it another one.
bool is_loopback_authority(std::string_view authority);

}  // namespace pipit::base
