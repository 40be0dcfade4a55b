#pragma once

#include <string>
#include <string_view>

namespace pipit::codec::skapi {

/// Where the client finds what. All is ASCII: the client reads its file as Latin-1.
struct Discovery {
    std::string_view calls_url;   ///< ends in a slash; the name of a call is put behind it
    std::string_view socket_url;  ///< ws: or wss:, without a query
    /// Of the form `[A-Za-z0-9_-]+_[0-9a-zA-Z]+`, at most 55 characters. The client makes the host name of
    /// the identity provider of the part before the first `_`, and that reaches nobody.
    std::string_view userpool_id = "selfhost_pipit";
    std::string_view userpool_client = "pipit";  ///< under which the client keeps the session
};

/// Both of the files that the client asks for, of both of its versions, in one object: what is in a file but
/// not looked for does no harm.
std::string discovery_json(const Discovery& discovery);

/// What the client shows and asks of a service before it does anything else.
struct ServiceInfo {
    std::string_view name;
    std::string_view ip;  ///< of the client
};
/// The answer to `service`.
std::string service_json(const ServiceInfo& info);

}  // namespace pipit::codec::skapi
