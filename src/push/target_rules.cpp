#include "push/target_rules.hpp"

#include <algorithm>

#include "push/address_rules.hpp"
#include "push/domain_name.hpp"

namespace pipit::push {

base::Status TargetRules::check(const Endpoint& endpoint) const {
    if (endpoint.address()) return check_address(endpoint, *endpoint.address());
    if (is_public_domain_name(endpoint.host()) || admits(endpoint)) return std::monostate{};
    return base::Failure{"must have a host that is a public name; \"" + endpoint.host() + "\" is none"};
}

base::Status TargetRules::check_address(const Endpoint& endpoint, const IpAddress& address) const {
    const auto reason = why_not_public(address);
    if (!reason || admits(endpoint)) return std::monostate{};
    return base::Failure{"must have a host with a public address; \"" + endpoint.host() + "\" has " +
                         std::string(*reason)};
}

bool TargetRules::admits(const Endpoint& endpoint) const {
    const bool has_v6_address = endpoint.address() && !endpoint.address()->is_v4();
    const std::string host = has_v6_address ? '[' + endpoint.host() + ']' : endpoint.host();
    const std::string with_port = host + ':' + std::to_string(endpoint.port());
    return std::any_of(admitted_.begin(), admitted_.end(),
                       [&](const std::string& name) { return name == endpoint.host() || name == with_port; });
}

}  // namespace pipit::push
