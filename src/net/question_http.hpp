#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "codec/codes.hpp"
#include "net/http.hpp"
#include "net/upgrade.hpp"

namespace pipit::net {

// What PROTOCOL.md, "Questions over HTTP", and openapi.yaml say of HTTP: who may ask in which form, and how
// an answer of the hub looks. Pure.

/// A question for the hub.
struct HttpQuestion {
    std::string token;    ///< never to be logged
    std::string command;  ///< of pipit.v1
    std::string host;     ///< by which we were reached; see reached_host
    std::string origin;   ///< of the page that may read the answer; "" when it is not asked by one
};

/// Nothing when the request is none about groups, members, history or ICE servers; an answer when the hub
/// need not be asked: preflights (Fetch standard, "CORS protocol"), pages of origins that may not connect,
/// other methods, and requests without a token (RFC 6750).
std::variant<std::monostate, HttpQuestion, HttpResponse> read_question(const HttpRequest& request,
                                                                       const UpgradeRules& rules);

/// `json`: the content of `ok`.
HttpResponse question_answer(std::string json, const std::string& origin);
/// `json`: the content of `error`. 429 and 503 say when to come back; 0 is soon.
HttpResponse question_error(codec::ErrorReason reason, std::string json, std::uint64_t retry_after_ms,
                            const std::string& origin);
/// The hub has not answered in time.
HttpResponse question_timed_out(const std::string& origin);
/// The server stops; the connection is to end.
HttpResponse question_while_stopping(const std::string& origin);

}  // namespace pipit::net
