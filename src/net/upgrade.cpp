#include "net/upgrade.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "base/loopback.hpp"
#include "codec/ws_handshake.hpp"

namespace pipit::net {
namespace {

constexpr std::string_view kTokenPrefix = "pipit.token.";

struct OriginParts {
    std::string_view scheme;
    std::string_view authority;
};

/// Nothing for "null": a sandboxed frame or a local file.
std::optional<OriginParts> split_origin(std::string_view origin) {
    const std::size_t scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    return OriginParts{origin.substr(0, scheme_end), origin.substr(scheme_end + 3)};
}

}  // namespace

bool is_loopback_origin(std::string_view origin) {
    const auto parts = split_origin(origin);
    return parts && (parts->scheme == "http" || parts->scheme == "https") &&
           base::is_loopback_authority(parts->authority);
}

bool is_origin_allowed(std::string_view origin, std::string_view host, bool is_tls,
                       const UpgradeRules& rules) {
    for (const std::string& allowed : rules.allowed_origins) {
        if (allowed == "*" || boost::iequals(allowed, origin)) return true;
    }
    if (rules.allow_loopback_origins && is_loopback_origin(origin)) return true;
    const auto parts = split_origin(origin);
    if (!parts || !rules.allowed_origins.empty() || !boost::iequals(parts->authority, host)) return false;
    // A page that came in the clear may have been changed on its way. A proxy that ends TLS makes an https
    // page arrive here without it, so that is no sign of anything.
    return boost::iequals(parts->scheme, "https") || (boost::iequals(parts->scheme, "http") && !is_tls);
}

bool is_of_refused_page(const HttpRequest& request, const UpgradeRules& rules) {
    const std::string origin = request.header("Origin");
    return !origin.empty() && !is_origin_allowed(origin, request.header("Host"), request.is_tls, rules);
}

std::variant<UpgradeAccepted, HttpResponse> decide_upgrade(const HttpRequest& request,
                                                           const UpgradeRules& rules) {
    if (request.method != "GET" || !request.http_1_1)
        return refusal(400, "A WebSocket begins with GET and HTTP/1.1.\n");
    if (!codec::header_has_token(request.header("Connection"), "upgrade") ||
        !codec::header_has_token(request.header("Upgrade"), "websocket")) {
        auto response = refusal(426, "This is a WebSocket endpoint: send Upgrade: websocket.\n");
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    if (request.header("Sec-WebSocket-Version") != "13") {
        auto response = refusal(426, "Sec-WebSocket-Version must be 13.\n");
        response.headers.emplace_back("Sec-WebSocket-Version", "13");
        return response;
    }
    const std::string key = request.header("Sec-WebSocket-Key");
    if (!codec::is_valid_key(key)) return refusal(400, "Sec-WebSocket-Key must be 16 bytes in base64.\n");
    if (is_of_refused_page(request, rules)) {
        return refusal(403, "Pages of this origin may not connect. The setting is server.allowed_origins.\n");
    }

    UpgradeAccepted accepted;
    accepted.response = fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Accept: {}\r\n",
        codec::accept_key(key));
    const auto append = [&](std::string_view name, std::string_view value) {
        fmt::format_to(std::back_inserter(accepted.response), "{}: {}\r\n", name, value);
    };
    if (!rules.subprotocol.empty()) {
        const std::string offered = request.header("Sec-WebSocket-Protocol");
        const std::array<std::string_view, 1> supported{rules.subprotocol};
        if (!codec::choose_subprotocol(offered, supported)) {
            return refusal(400, fmt::format("Sec-WebSocket-Protocol must offer {}.\n", rules.subprotocol));
        }
        append("Sec-WebSocket-Protocol", rules.subprotocol);
        if (const auto token = codec::subprotocol_suffix(offered, kTokenPrefix))
            accepted.token = std::string(*token);
    }
    if (!rules.token_parameter.empty()) accepted.token = request.query_value(rules.token_parameter);
    if (rules.deflate) {
        if (const auto agreement =
                codec::negotiate(request.header("Sec-WebSocket-Extensions"), *rules.deflate)) {
            accepted.deflate = true;
            accepted.deflate_window_bits = agreement->server_window_bits;
            append("Sec-WebSocket-Extensions", agreement->response);
        }
    }
    accepted.response += "\r\n";
    return accepted;
}

}  // namespace pipit::net
