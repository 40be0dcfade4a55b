#pragma once

#include <string>
#include <string_view>

#include "net/http.hpp"

namespace pipit::net {

// Answers that pages of other origins may read (Fetch standard, "CORS protocol"). `origin` is that of the
// page that asks, once it is known that it may; "" is of no page.

/// Lets the page read the answer.
void let_read(HttpResponse& response, const std::string& origin);

/// JSON that nobody is to store, and that the page may read.
HttpResponse json_response(int status, std::string json, const std::string& origin);

/// What a page may send. All but the seconds are as the fields of the answer have them.
struct PreflightRules {
    std::string_view allow;  ///< all methods that there are, for whoever asks
    std::string_view page_methods;
    std::string_view page_headers;
    std::string_view max_age_s;  ///< how long the page may go by the answer
};
/// The answer to OPTIONS.
HttpResponse preflight_response(const PreflightRules& rules, const std::string& origin);

}  // namespace pipit::net
