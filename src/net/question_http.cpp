#include "net/question_http.hpp"

#include <algorithm>
#include <optional>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "codec/listing_request.hpp"
#include "codec/pipit_v1.hpp"
#include "net/reached_host.hpp"

namespace pipit::net {
namespace {

using codec::ErrorReason;

constexpr std::string_view kMethods = "GET, HEAD, OPTIONS";
constexpr std::string_view kPreflightSeconds = "600";

void let_read(HttpResponse& response, const std::string& origin) {
    if (origin.empty()) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
    response.headers.emplace_back("Vary", "Origin");
}

HttpResponse json_response(int status, std::string json, const std::string& origin) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(json);
    response.headers.emplace_back("Cache-Control", "no-store");
    let_read(response, origin);
    return response;
}

std::string error_json(ErrorReason reason, std::string_view message, std::uint64_t retry_after_ms = 0) {
    std::string json;
    codec::v1::append_error_content(json, reason, message, retry_after_ms);
    return json;
}

int status_of(ErrorReason reason) {
    switch (reason) {
        case ErrorReason::token_refused:
        case ErrorReason::token_expired:
            return 401;
        case ErrorReason::not_permitted:
        case ErrorReason::group_not_allowed:
        case ErrorReason::not_joined:
            return 403;
        case ErrorReason::rate_limited:
            return 429;
        case ErrorReason::unavailable:
            return 503;
        default:
            return codec::info(reason).code.starts_with("INVALID_") ? 400 : 500;
    }
}

std::optional<std::string> command_of(const HttpRequest& request) {
    if (request.path == "/v1/ice") return R"({"id":1,"op":"ice"})";
    return codec::listing_command(request.path, request.query);
}

/// The credentials of the Bearer scheme (RFC 6750 section 2.1). What a token may look like is the verifier's
/// business.
std::string bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    if (!boost::istarts_with(authorization, kScheme)) return {};
    authorization.remove_prefix(kScheme.size());
    authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
    return std::string(authorization);
}

HttpResponse preflight_answer(const std::string& origin) {
    HttpResponse response;
    response.status = 204;
    response.headers.emplace_back("Allow", kMethods);
    let_read(response, origin);
    if (origin.empty()) return response;
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET");
    response.headers.emplace_back("Access-Control-Allow-Headers", "authorization");
    response.headers.emplace_back("Access-Control-Max-Age", kPreflightSeconds);
    return response;
}

HttpResponse method_refused(const std::string& origin) {
    HttpResponse response = json_response(
        405, error_json(ErrorReason::unknown_command, "Only GET and HEAD are answered here."), origin);
    response.headers.emplace_back("Allow", kMethods);
    return response;
}

HttpResponse unavailable(std::string_view message, std::uint64_t retry_after_ms, const std::string& origin) {
    constexpr auto kReason = ErrorReason::unavailable;
    return question_error(kReason, error_json(kReason, message, retry_after_ms), retry_after_ms, origin);
}

HttpResponse token_missing(const std::string& origin) {
    HttpResponse response = json_response(
        401,
        error_json(ErrorReason::token_refused, "A token is needed: send \"Authorization: Bearer TOKEN\"."),
        origin);
    // RFC 6750 section 3.1: who sent nothing is told of no error.
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace

std::variant<std::monostate, HttpQuestion, HttpResponse> read_question(const HttpRequest& request,
                                                                       const UpgradeRules& rules) {
    std::optional<std::string> command = command_of(request);
    if (!command) return std::monostate{};
    std::string origin = request.header("Origin");
    if (!origin.empty() && !is_origin_allowed(origin, request.header("Host"), request.is_tls, rules)) {
        constexpr std::string_view kWhy =
            "Pages of this origin may not ask. The setting is server.allowed_origins.";
        return json_response(403, error_json(ErrorReason::not_permitted, kWhy), {});
    }
    if (request.method == "OPTIONS") return preflight_answer(origin);
    if (request.method != "GET" && request.method != "HEAD") return method_refused(origin);
    std::string token = bearer_token(request.header("Authorization"));
    if (token.empty()) return token_missing(origin);
    return HttpQuestion{std::move(token), std::move(*command), reached_host(request.header("Host")),
                        std::move(origin)};
}

HttpResponse question_answer(std::string json, const std::string& origin) {
    return json_response(200, std::move(json), origin);
}

HttpResponse question_error(ErrorReason reason, std::string json, std::uint64_t retry_after_ms,
                            const std::string& origin) {
    // The catalogue's sentence speaks of joining first, which nobody can do over HTTP.
    if (reason == ErrorReason::no_group) json = error_json(reason, "\"group\" is needed: name the group.");
    const int status = status_of(reason);
    HttpResponse response = json_response(status, std::move(json), origin);
    if (status == 401) {
        response.headers.emplace_back("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    } else if (status == 429 || status == 503) {
        const std::uint64_t seconds = std::max<std::uint64_t>(1, (retry_after_ms + 999) / 1000);
        response.headers.emplace_back("Retry-After", fmt::to_string(seconds));
    }
    return response;
}

HttpResponse question_timed_out(const std::string& origin) {
    return unavailable("The answer took too long. Try again later.", 1'000, origin);
}

HttpResponse question_while_stopping(const std::string& origin) {
    HttpResponse response = unavailable("The server is stopping.", 5'000, origin);
    response.close = true;
    return response;
}

}  // namespace pipit::net
