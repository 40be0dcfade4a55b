#include "app/site.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "app/embedded_files.hpp"
#include "app/settings_forms.hpp"
#include "auth/identity.hpp"
#include "auth/token_signer.hpp"
#include "base/loopback.hpp"
#include "codec/json_scan.hpp"
#include "net/cors.hpp"
#include "net/os.hpp"
#include "net/upgrade.hpp"

namespace pipit::app {
namespace {

constexpr base::UnixSeconds kDevTokenTtlSeconds = 3600;

// The playground needs nothing from anywhere else, and nobody needs it in a frame.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'none'";

net::HttpResponse text(int status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

std::string_view content_type_of(std::string_view path) {
    if (path.ends_with(".html")) return "text/html; charset=utf-8";
    if (path.ends_with(".css")) return "text/css; charset=utf-8";
    if (path.ends_with(".svg")) return "image/svg+xml";
    if (path.ends_with(".png")) return "image/png";
    return "text/javascript; charset=utf-8";
}

bool is_sdk(std::string_view path) {
    constexpr std::array<std::string_view, 6> kFiles{
        "/pipit.js", "/pipit.mjs", "/pipit-calls.mjs", "/pipit-lists.mjs", "/pipit-push.mjs", "/pipit-sw.js"};
    return std::ranges::find(kFiles, path) != kFiles.end();
}

/// Whoever asks sits at this machine, and so does the page that it asks for.
bool is_of_this_machine(const net::HttpRequest& request) {
    // A proxy on this machine passes strangers on from here; these are how proxies say so.
    constexpr std::array<std::string_view, 6> kProxyHeaders{
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"};
    const auto is_sent = [&](std::string_view name) { return !request.header(name).empty(); };
    // A page from elsewhere that lets its own name point to 127.0.0.1 is found out by the Host.
    return request.remote_address.is_loopback() && base::is_loopback_authority(request.header("Host")) &&
           std::ranges::none_of(kProxyHeaders, is_sent) &&
           (!is_sent("Origin") || net::is_loopback_origin(request.header("Origin")));
}

}  // namespace

net::HttpResponse Site::answer(const net::HttpRequest& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
        auto response = text(405, "Only GET and HEAD are answered here.\n");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    if (request.path == "/healthz") return health();
    if (settings_.dev && request.path == "/dev/token") return token(request);
    if (settings_.dev && request.path == "/") return file("/playground.html");
    if (settings_.dev || is_sdk(request.path)) return file(request.path);
    return text(404,
                "There is nothing here. The browser SDK is at /pipit.js, the WebSocket at /v1/realtime.\n");
}

net::HttpResponse Site::health() const {
    auto response = draining_ ? text(503, "draining\n") : text(200, "ok\n");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

net::HttpResponse Site::file(std::string_view path) const {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.path != path) continue;
        auto response = text(200, std::string(file.content));
        response.content_type = content_type_of(path);
        response.headers.emplace_back("Cache-Control", "no-cache");
        if (is_sdk(path)) response.headers.emplace_back("Access-Control-Allow-Origin", "*");
        if (path.ends_with(".html")) response.headers.emplace_back("Content-Security-Policy", kPagePolicy);
        return response;
    }
    return text(404, "There is no such page.\n");
}

net::HttpResponse Site::token(const net::HttpRequest& request) const {
    if (!is_of_this_machine(request)) {
        return text(403, "Development tokens are given on this machine only, and not through a proxy.\n");
    }
    // The page may have come from another port of this machine, such as a bundler's.
    const std::string origin = request.header("Origin");
    const auto refused = [&](std::string_view message) {
        std::string body = "{\"code\":\"INVALID_PARAMETER\",\"message\":";
        codec::append_json_string(body, message);
        return net::json_response(400, body + "}\n", origin);
    };
    const std::string user = request.query_value("user");
    if (!auth::is_valid_user_id(user, settings_.user_id_bytes_max)) {
        return refused(fmt::format("\"user\" must have 1 to {} bytes of UTF-8 without control characters.",
                                   settings_.user_id_bytes_max));
    }
    const std::string role = request.query_value("role");
    if (!role.empty() && role != "admin") return refused("\"role\" must be \"admin\" or left out.");
    std::optional<std::vector<std::string>> groups;
    if (std::string pattern = request.query_value("groups"); !pattern.empty()) {
        if (!is_group_pattern(pattern)) {
            return refused(
                fmt::format("\"groups\" must be a pattern of at most {} bytes of UTF-8 without control "
                            "characters, or left out.",
                            auth::GroupRule::kPatternBytesMax));
        }
        groups.emplace({std::move(pattern)});
    }
    const std::string signed_token = auth::sign_hs256(secret_, {.user_id = user,
                                                                .admin = role == "admin",
                                                                .groups = std::move(groups),
                                                                .audience = settings_.token_audience,
                                                                .issued_at = net::unix_now(),
                                                                .ttl_s = kDevTokenTtlSeconds});
    std::string body =
        "{\"warning\":\"development only: anyone on this machine can sign in as anyone\",\"token\":";
    codec::append_json_string(body, signed_token);
    return net::json_response(200, body + "}\n", origin);
}

}  // namespace pipit::app
