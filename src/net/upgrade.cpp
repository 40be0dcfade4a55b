#include "net/upgrade.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "codec/ws_handshake.hpp"

namespace pipit::net {
namespace {

constexpr std::string_view kTokenPrefix = "pipit.token.";

bool is_loopback_name(std::string_view authority) {
    const std::string_view host =
        authority.substr(0, authority.find(':', authority.starts_with('[') ? authority.find(']') : 0));
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace

bool is_origin_allowed(std::string_view origin, std::string_view host, const UpgradeRules& rules) {
    for (const std::string& allowed : rules.allowed_origins) {
        if (allowed == "*" || boost::iequals(allowed, origin)) return true;
    }
    const std::size_t scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return false;  // "null": a sandboxed frame or a local file
    const std::string_view authority = origin.substr(scheme_end + 3);
    if (rules.allow_loopback_origins && is_loopback_name(authority)) return true;
    return rules.allowed_origins.empty() && boost::iequals(authority, host);
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
    const std::string origin = request.header("Origin");
    if (!origin.empty() && !is_origin_allowed(origin, request.header("Host"), rules)) {
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
