#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "push/endpoint.hpp"
#include "push/ip_address.hpp"

namespace pipit::push {

/// Where messages may be sent. Endpoints come from strangers, and without these rules one of them could have
/// us ask the machines beside us (server-side request forgery). The names of hosts that the operator admits
/// are exempt: tests, and push services of one's own. Immutable: many threads may ask at the same time.
class TargetRules {
 public:
    /// `admitted` are hosts as Endpoint::host() writes them, with ":PORT" for only that port of it (an IPv6
    /// address then in brackets).
    explicit TargetRules(std::vector<std::string> admitted = {}) : admitted_(std::move(admitted)) {}

    /// Before a name is looked up, for new subscriptions and each target of a redirect: the host must be a
    /// public name or a public address. The failure begins with the word "must".
    base::Status check(const Endpoint& endpoint) const;

    /// Before a connection is made, for every address that the host has turned out to have.
    base::Status check_address(const Endpoint& endpoint, const IpAddress& address) const;

 private:
    bool admits(const Endpoint& endpoint) const;

    std::vector<std::string> admitted_;
};

}  // namespace pipit::push
