#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/ws_deflate.hpp"
#include "net/http.hpp"

namespace pipit::net {

/// What a WebSocket endpoint asks of an opening handshake.
struct UpgradeRules {
    std::string path;                          ///< requests for other paths are plain HTTP
    std::string subprotocol;                   ///< must be offered; empty: none is needed
    std::string token_parameter;               ///< of the query, that has the token; empty: none has
    std::vector<std::string> allowed_origins;  ///< exact, or "*"; empty: the request's own host
    bool allow_loopback_origins = false;       ///< pages from this machine too, whatever the port
    std::optional<codec::DeflateSettings> deflate;
};

struct UpgradeAccepted {
    std::string response;  ///< the whole 101 head
    bool deflate = false;
    int deflate_window_bits = 15;      ///< ours
    std::optional<std::string> token;  ///< came as a subprotocol entry, or in the query
};

/// Decides an opening handshake (RFC 6455 section 4.2). Pure.
std::variant<UpgradeAccepted, HttpResponse> decide_upgrade(const HttpRequest& request,
                                                           const UpgradeRules& rules);

/// Whether a browser page of `origin` may connect to `host` (the request's Host) under these rules. `is_tls`:
/// our side of the connection is under TLS; a page of the same host then must be too, unless it is listed.
bool is_origin_allowed(std::string_view origin, std::string_view host, bool is_tls,
                       const UpgradeRules& rules);

/// Whether the request is of a page that may not connect. Without an Origin it is of none.
bool is_of_refused_page(const HttpRequest& request, const UpgradeRules& rules);

/// Whether `origin` is of a page that this machine served, from whatever port.
bool is_loopback_origin(std::string_view origin);

}  // namespace pipit::net
