#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "codec/codes.hpp"
#include "net/http.hpp"
#include "net/hub_answer.hpp"
#include "net/upgrade.hpp"

namespace pipit::net {

// What PROTOCOL.md, "Questions over HTTP", and openapi.yaml say of HTTP: who may ask in which form, and how
// an answer of the hub looks. Pure.

/// A question for the hub.
struct HttpQuestion {
    std::optional<std::string> token;  ///< never to be logged; absent: who may ask shows in the command
    std::string command;               ///< of pipit.v1
    std::string host;                  ///< by which we were reached; see reached_host
    std::string origin;  ///< of the page that may read the answer; "" when it is not asked by one
};

/// Nothing when no command is asked at the path; an answer when the hub need not be asked: preflights (Fetch
/// standard, "CORS protocol"), pages of origins that may not connect, other methods, requests without a token
/// (RFC 6750), and bodies that are too large, or no JSON object at most `json_depth_max` deep.
std::variant<std::monostate, HttpQuestion, HttpResponse> read_question(const HttpRequest& request,
                                                                       const UpgradeRules& rules,
                                                                       unsigned json_depth_max);

/// 429 and 503 say when to come back.
HttpResponse question_response(HubAnswer answer, const std::string& origin);

/// The status of an answer with that error.
int status_of(codec::ErrorReason reason);
/// With 429 and 503: when to come back, which a page of another origin may read, too. 0 is soon.
void say_when_to_retry(HttpResponse& response, std::uint64_t retry_after_ms, const std::string& origin);

}  // namespace pipit::net
