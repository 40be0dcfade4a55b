#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "codec/skapi_call.hpp"
#include "net/http.hpp"
#include "net/hub_answer.hpp"
#include "net/skapi_settings.hpp"

namespace pipit::net {

// What the public client asks over HTTP, below kSkapiPath: who may ask, and how answers look. Pure.

/// A call for somebody who is yet to be known.
struct SkapiCall {
    codec::skapi::Call call;
    std::string token;  ///< never to be logged
    std::string body;
    std::string host;    ///< by which we were reached; see reached_host
    std::string origin;  ///< of the page that may read the answer; "" when it is not asked by one
};

/// Somebody wants new tokens.
struct SkapiRefresh {
    std::string token;  ///< never to be logged
    std::string origin;
};

/// Nothing when the path is not for this client; an answer when that can be given at once.
std::variant<std::monostate, HttpResponse, SkapiCall, SkapiRefresh> read_skapi_request(
    const HttpRequest& request, const SkapiSettings& settings);

/// The caller is nobody whom we know.
HttpResponse skapi_token_refused(const auth::TokenError& error, const std::string& origin);
/// What came of the question that a call asks.
HttpResponse skapi_response(HubAnswer answer, codec::skapi::AnswerForm form, std::string_view service,
                            const std::string& origin);

}  // namespace pipit::net
