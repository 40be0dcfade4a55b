#pragma once

#include <string_view>

namespace pipit::push {

/// Whether `name` is spelled as a host's name is (RFC 1123 section 2.1, in lower case): at most 253
/// characters, labels of 1 to 63 letters, digits and inner hyphens, and a last label that has a letter, as
/// what ends in a number is an address to browsers and resolvers, in one form or another.
bool is_domain_name(std::string_view name);

/// Whether such a name can be found in the public DNS: it has a dot, and its last labels are not reserved
/// for use inside of a machine or a network, or for documentation (RFC 6761, RFC 6762, RFC 8375, and ICANN's
/// "internal").
bool is_public_domain_name(std::string_view name);

}  // namespace pipit::push
