#include "net/question_http.hpp"

#include <algorithm>
#include <array>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "codec/http_command.hpp"
#include "codec/pipit_v1.hpp"
#include "net/cors.hpp"
#include "net/reached_host.hpp"

namespace pipit::net {
namespace {

using codec::ErrorReason;

constexpr std::string_view kPreflightSeconds = "600";

/// The members of the command: in the query, or in the body.
enum class Asking : std::uint8_t { get, post };

/// Where a command is asked.
struct Place {
    std::string_view path;
    std::string_view op;
    Asking asking = Asking::get;
    bool needs_token = true;

    std::string_view allowed_methods() const {
        return asking == Asking::get ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
    }
    /// What pages of other origins have to be let do.
    std::string_view page_method() const { return asking == Asking::get ? "GET" : "POST"; }
    std::string_view page_headers() const {
        if (!needs_token) return "content-type";
        return asking == Asking::get ? "authorization" : "authorization, content-type";
    }
};

constexpr std::array<Place, 10> kPlaces{{
    {"/v1/groups", "groups"},
    {"/v1/users", "users"},
    {"/v1/history", "history"},
    {"/v1/ice", "ice"},
    {"/v1/push/key", "vapid"},
    {"/v1/push/sent", "pushed"},
    {"/v1/push/subscribe", "subscribe", Asking::post},
    {"/v1/push/unsubscribe", "unsubscribe", Asking::post},
    {"/v1/push/send", "push", Asking::post},
    // A service worker that is told that its subscription has changed has no token.
    {"/v1/push/resubscribe", "resubscribe", Asking::post, false},
}};

constexpr std::string_view kPlacesBelow = "/v1/";

std::string error_json(ErrorReason reason, std::string_view message) {
    std::string json;
    codec::v1::append_error_content(json, reason, message, 0);
    return json;
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

PreflightRules preflight_rules(const Place& place) {
    return {.allow = place.allowed_methods(),
            .page_methods = place.page_method(),
            .page_headers = place.page_headers(),
            .max_age_s = kPreflightSeconds};
}

bool is_method_allowed(std::string_view method, const Place& place) {
    if (place.asking == Asking::post) return method == "POST";
    return method == "GET" || method == "HEAD";
}

HttpResponse method_refused(const Place& place, const std::string& origin) {
    const std::string_view why =
        place.asking == Asking::get ? "Only GET and HEAD are answered here." : "Only POST is answered here.";
    HttpResponse response = json_response(405, error_json(ErrorReason::unknown_command, why), origin);
    response.headers.emplace_back("Allow", place.allowed_methods());
    return response;
}

HttpResponse nothing_here(const std::string& origin) {
    constexpr std::string_view kWhy =
        "There is nothing at this path. The paths are in protocol/openapi.yaml.";
    return json_response(404, error_json(ErrorReason::unknown_command, kWhy), origin);
}

HttpResponse body_refused(int status, std::string_view why, const std::string& origin) {
    return json_response(status, error_json(ErrorReason::bad_message, why), origin);
}

/// RFC 9110 section 8.3: parameters, such as a charset, change nothing about JSON (RFC 8259 section 11).
bool is_json(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t'))
        type.remove_suffix(1);
    return boost::iequals(type, "application/json");
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
                                                                       const UpgradeRules& rules,
                                                                       unsigned json_depth_max) {
    const auto* place = std::ranges::find(kPlaces, request.path, &Place::path);
    const bool is_known = place != kPlaces.end();
    if (!is_known && (!request.path.starts_with(kPlacesBelow) || request.path == rules.path))
        return std::monostate{};
    if (is_of_refused_page(request, rules)) {
        constexpr std::string_view kWhy =
            "Pages of this origin may not ask. The setting is server.allowed_origins.";
        return json_response(403, error_json(ErrorReason::not_permitted, kWhy), {});
    }
    std::string origin = request.header("Origin");
    if (!is_known) return nothing_here(origin);
    if (request.is_body_too_large)
        return body_refused(413, "The body is larger than limits.message_bytes_max.", origin);
    if (request.method == "OPTIONS") return preflight_response(preflight_rules(*place), origin);
    if (!is_method_allowed(request.method, *place)) return method_refused(*place, origin);
    HttpQuestion question;
    if (place->needs_token) {
        question.token = bearer_token(request.header("Authorization"));
        if (question.token->empty()) return token_missing(origin);
    }
    if (place->asking == Asking::get) {
        question.command = codec::query_command(place->op, request.query);
    } else {
        if (!is_json(request.header("Content-Type")) || !request.header("Content-Encoding").empty()) {
            constexpr std::string_view kWhy =
                "The body must be a JSON object as it is: send \"Content-Type: application/json\" and no "
                "Content-Encoding.";
            return body_refused(415, kWhy, origin);
        }
        auto command = codec::body_command(place->op, request.body, json_depth_max);
        if (!command) return body_refused(400, command.error().message, origin);
        question.command = std::move(*command);
    }
    question.host = reached_host(request.header("Host"));
    question.origin = std::move(origin);
    return question;
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
        case ErrorReason::subscription_not_found:
        case ErrorReason::push_not_found:
            return 404;
        case ErrorReason::rate_limited:
            return 429;
        case ErrorReason::push_disabled:
            return 501;
        case ErrorReason::push_queue_full:
        case ErrorReason::unavailable:
            return 503;
        default:
            return codec::info(reason).code.starts_with("INVALID_") ? 400 : 500;
    }
}

void say_when_to_retry(HttpResponse& response, std::uint64_t retry_after_ms, const std::string& origin) {
    if (response.status != 429 && response.status != 503) return;
    const std::uint64_t seconds = std::max<std::uint64_t>(1, (retry_after_ms + 999) / 1000);
    response.headers.emplace_back("Retry-After", fmt::to_string(seconds));
    // A page, or a service worker, of another origin does not see it otherwise.
    if (!origin.empty()) response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
}

HttpResponse question_response(HubAnswer answer, const std::string& origin) {
    if (!answer.error) return json_response(200, std::move(answer.json), origin);
    // The catalogue's sentence speaks of joining first, which nobody can do over HTTP.
    if (*answer.error == ErrorReason::no_group)
        answer.json = error_json(*answer.error, "\"group\" is needed: name the group.");
    HttpResponse response = json_response(status_of(*answer.error), std::move(answer.json), origin);
    response.close = answer.is_last;
    if (response.status == 401)
        response.headers.emplace_back("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    say_when_to_retry(response, answer.retry_after_ms, origin);
    return response;
}

}  // namespace pipit::net
