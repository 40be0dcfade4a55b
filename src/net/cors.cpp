#include "net/cors.hpp"

#include <utility>

namespace pipit::net {

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

HttpResponse preflight_response(const PreflightRules& rules, const std::string& origin) {
    HttpResponse response;
    response.status = 204;
    response.headers.emplace_back("Allow", rules.allow);
    let_read(response, origin);
    if (origin.empty()) return response;
    response.headers.emplace_back("Access-Control-Allow-Methods", rules.page_methods);
    response.headers.emplace_back("Access-Control-Allow-Headers", rules.page_headers);
    response.headers.emplace_back("Access-Control-Max-Age", rules.max_age_s);
    return response;
}

}  // namespace pipit::net
