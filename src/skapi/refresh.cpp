#include "skapi/refresh.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/json_object.hpp"

namespace pipit::skapi {

namespace json = boost::json;

std::optional<std::string> refresh_token_of(std::string_view body) {
    const auto request = auth::parse_json_object(body);
    if (!request) return std::nullopt;
    const json::value* flow = request->if_contains("AuthFlow");
    if (flow == nullptr || !flow->is_string() || flow->get_string() != "REFRESH_TOKEN_AUTH")
        return std::nullopt;
    const json::value* parameters = request->if_contains("AuthParameters");
    if (parameters == nullptr || !parameters->is_object()) return std::nullopt;
    const json::value* token = parameters->get_object().if_contains("REFRESH_TOKEN");
    if (token == nullptr || !token->is_string()) return std::nullopt;
    return std::string(token->get_string());
}

std::string refreshed_json(const TokenSet& tokens) {
    json::object result;
    result["IdToken"] = tokens.id;
    result["AccessToken"] = tokens.access;
    result["TokenType"] = "Bearer";
    json::object answer;
    answer["AuthenticationResult"] = std::move(result);
    return json::serialize(answer);
}

std::string refresh_refused_json(std::string_view message) {
    json::object answer;
    answer["__type"] = "NotAuthorizedException";
    answer["message"] = message;
    return json::serialize(answer);
}

}  // namespace pipit::skapi
