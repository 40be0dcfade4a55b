#include "net/skapi_http.hpp"

#include <algorithm>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "codec/skapi_discovery.hpp"
#include "net/cors.hpp"
#include "net/question_http.hpp"
#include "net/reached_host.hpp"
#include "skapi/refresh.hpp"

namespace pipit::net {
namespace {

constexpr std::string_view kInvalidRequest = "INVALID_REQUEST";
constexpr std::string_view kNotExists = "NOT_EXISTS";
constexpr std::string_view kRefreshName = "cognito/";

constexpr PreflightRules kPreflightRules{
    .allow = "GET, HEAD, POST, OPTIONS",
    .page_methods = "GET, POST",
    .page_headers =
        "authorization, content-type, content-meta, cache-control, pragma, x-access-token, "
        "x-id-token, x-amz-target, x-amz-user-agent",
    // As long as any browser keeps it: every call of this client is preflighted.
    .max_age_s = "7200"};

HttpResponse refused(int status, std::string_view code, std::string_view message, const std::string& origin) {
    return json_response(status, codec::skapi::error_json(code, message), origin);
}

HttpResponse method_refused(std::string_view allowed, const std::string& origin) {
    HttpResponse response =
        refused(405, kInvalidRequest, fmt::format("Only {} is answered here.", allowed), origin);
    response.headers.emplace_back("Allow", fmt::format("{}, OPTIONS", allowed));
    return response;
}

/// By which URL this request has reached us, without a path; "" when nobody can tell.
std::string reached_url(const HttpRequest& request, const SkapiSettings& settings) {
    if (!settings.url.empty()) return settings.url;
    const std::string field = request.header("Host");
    std::string url = reached_host(field);
    if (url.empty()) return {};
    const std::string_view port = std::string_view(field).substr(url.size());
    const bool is_port = port.size() > 1 && port.size() <= 6 &&
                         port.find_first_not_of("0123456789", 1) == std::string_view::npos;
    if (!port.empty() && !is_port) return {};
    return fmt::format("{}://{}{}", request.is_tls ? "https" : "http", url, port);
}

/// Anybody may know, from whatever page.
HttpResponse discovery(const HttpRequest& request, const SkapiSettings& settings) {
    const std::string url = reached_url(request, settings);
    HttpResponse response;
    if (url.empty()) {
        response = json_response(400, codec::skapi::error_json(kInvalidRequest, "Host names no server."), {});
    } else {
        const std::string calls_url = url + std::string(kSkapiPath);
        const std::string socket_url = fmt::format("ws{}{}", url.substr(4), kSkapiSocketPath);
        response = json_response(
            200, codec::skapi::discovery_json({.calls_url = calls_url, .socket_url = socket_url}), {});
    }
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    return response;
}

HttpResponse service_answer(const HttpRequest& request, const SkapiSettings& settings,
                            const std::string& origin) {
    const std::string id = request.query_value("service");
    const auto service = std::ranges::find(settings.services, id, &skapi::Service::id);
    if (service == settings.services.end() || !boost::iequals(service->owner, request.query_value("owner"))) {
        return refused(404, kNotExists, "There is no such service, or it has another owner.", origin);
    }
    return json_response(
        200, codec::skapi::service_json({.name = service->name, .ip = request.remote_address.to_string()}),
        origin);
}

/// The client sends it bare; a person who tries something out may write the scheme.
std::string token_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    if (boost::istarts_with(authorization, kScheme)) authorization.remove_prefix(kScheme.size());
    return std::string(authorization);
}

}  // namespace

std::variant<std::monostate, HttpResponse, SkapiCall, SkapiRefresh> read_skapi_request(
    const HttpRequest& request, const SkapiSettings& settings) {
    const bool is_root = request.path == kSkapiPath.substr(0, kSkapiPath.size() - 1);
    if (!is_root && !request.path.starts_with(kSkapiPath)) return std::monostate{};
    const std::string_view name = is_root ? "" : request.path.substr(kSkapiPath.size());
    const bool is_get = request.method == "GET" || request.method == "HEAD";
    if (name.empty() && is_get) return discovery(request, settings);
    if (is_of_refused_page(request, settings.upgrade)) {
        return refused(403, "INVALID_CORS",
                       "Pages of this origin may not ask. The setting is server.allowed_origins.", {});
    }
    std::string origin = request.header("Origin");
    if (request.is_body_too_large)
        return refused(413, kInvalidRequest, "The body is larger than limits.message_bytes_max.", origin);
    if (request.method == "OPTIONS") return preflight_response(kPreflightRules, origin);
    if (name.empty()) return method_refused("GET", origin);
    if (name == "service") {
        return is_get ? service_answer(request, settings, origin) : method_refused("GET", origin);
    }
    const auto call = codec::skapi::call_from_name(name);
    if (!call && name != kRefreshName) return refused(404, kNotExists, "There is no such call.", origin);
    if (request.method != "POST") return method_refused("POST", origin);
    if (!call) {
        auto token = skapi::refresh_token_of(request.body);
        if (token) return SkapiRefresh{std::move(*token), std::move(origin)};
        return json_response(400, skapi::refresh_refused_json("Only REFRESH_TOKEN_AUTH is answered here."),
                             origin);
    }
    std::string token = token_of(request.header("Authorization"));
    if (token.empty()) return refused(401, kInvalidRequest, "User login is required.", origin);
    return SkapiCall{*call, std::move(token), std::string(request.body), reached_host(request.header("Host")),
                     std::move(origin)};
}

HttpResponse skapi_token_refused(const auth::TokenError& error, const std::string& origin) {
    return refused(401, kInvalidRequest, error.message(), origin);
}

HttpResponse skapi_response(HubAnswer answer, codec::skapi::AnswerForm form, std::string_view service,
                            const std::string& origin) {
    if (!answer.error)
        return json_response(200, codec::skapi::answer_json(form, service, answer.json), origin);
    HttpResponse response =
        json_response(status_of(*answer.error), codec::skapi::error_json(answer.json), origin);
    response.close = answer.is_last;
    say_when_to_retry(response, answer.retry_after_ms, origin);
    return response;
}

}  // namespace pipit::net
