#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipit::skapi {

/// An application, as the public client names it.
struct Service {
    std::string id;         ///< is_service_id()
    std::string owner;      ///< base::is_uuid()
    std::string name = {};  ///< for people; may be empty
    /// The `iss` of the tokens of its identity provider; empty: it has none.
    std::string issuer = {};
    /// Whose tokens of that provider are for this service: one of these is in `client_id`, or in `aud`.
    /// Empty: everybody's.
    std::vector<std::string> client_ids = {};
};

/// Whether the client can find a service of that id: a region that it knows, and at least six letters and
/// digits.
bool is_service_id(std::string_view text);

}  // namespace pipit::skapi
