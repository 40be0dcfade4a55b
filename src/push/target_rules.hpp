#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "push/endpoint.hpp"
#include "push/ip_address.hpp"

namespace pipit::push {

/// Where messages may be sent. Endpoints come from strangers, and without these rules one of them could have
/// us ask the machines beside us (server-side request forgery). Hosts that the operator admits are exempt:
/// for tests, and for push services of one's own. Immutable: many threads may ask at the same time.
class TargetRules {
 public:
    /// Without exemptions.
    TargetRules() = default;
    /// `hosts` are names or addresses as they stand in a URL, with ":PORT" for only that port of it. Fails
    /// for the first that is neither.
    static base::Result<TargetRules> admitting(const std::vector<std::string>& hosts);

    /// Before a name is looked up, for new subscriptions and for each target of a redirect: the host must be
    /// a public name or a public address. The failure begins with the word "must".
    base::Status check(const Endpoint& endpoint) const;

    /// Before a connection is made, for every address that the host has turned out to have.
    base::Status check_address(const Endpoint& endpoint, const IpAddress& address) const;

    /// Whether the operator has exempted it, so that its address need not be asked for.
    bool admits(const Endpoint& endpoint) const;

 private:
    struct Admitted {
        std::string host;                   // as Endpoint::host() has it
        std::optional<std::uint16_t> port;  // absent: all of them
    };

    std::vector<Admitted> admitted_;
};

}  // namespace pipit::push
