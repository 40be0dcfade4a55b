#include "push/target_rules.hpp"

#include <algorithm>
#include <string_view>

#include "push/address_rules.hpp"
#include "push/domain_name.hpp"

namespace pipit::push {

base::Result<TargetRules> TargetRules::admitting(const std::vector<std::string>& hosts) {
    TargetRules rules;
    for (const std::string& host : hosts) {
        const auto endpoint = Endpoint::parse("https://" + host);
        if (!endpoint || host.find_first_of("/?") != std::string::npos) {
            return base::Failure{"\"" + host +
                                 "\" must be a host, or a host and a port, such as localhost:8443"};
        }
        const bool has_port = host.rfind(':') != std::string::npos && host.back() != ']';
        rules.admitted_.push_back(
            {endpoint.value().host(), has_port ? std::optional(endpoint.value().port()) : std::nullopt});
    }
    return rules;
}

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
    return std::any_of(admitted_.begin(), admitted_.end(), [&](const Admitted& admitted) {
        return admitted.host == endpoint.host() && admitted.port.value_or(endpoint.port()) == endpoint.port();
    });
}

}  // namespace pipit::push
