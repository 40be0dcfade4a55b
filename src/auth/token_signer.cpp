#include "auth/token_signer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/hmac.hpp"
#include "auth/issuer.hpp"
#include "base/base64url.hpp"

namespace pipit::auth {

namespace json = boost::json;

std::string sign_payload_hs256(const Secret& secret, std::string_view payload) {
    std::string token = base::base64url_encode(base::as_bytes(R"({"alg":"HS256","typ":"JWT"})"));
    token += '.';
    token += base::base64url_encode(base::as_bytes(payload));
    const auto mac = hmac_sha256(secret, token);
    token += '.';
    token += base::base64url_encode(mac);
    return token;
}

std::string sign_hs256(const Secret& secret, const TokenRequest& request) {
    json::object claims;
    claims["iss"] = kLocalIssuer;
    claims["sub"] = request.user_id;
    claims["iat"] = request.issued_at;
    claims["exp"] = request.issued_at + request.ttl_s;
    if (request.admin) claims["role"] = "admin";
    if (request.groups) claims["groups"] = json::array(request.groups->begin(), request.groups->end());
    if (!request.audience.empty()) claims["aud"] = request.audience;
    return sign_payload_hs256(secret, json::serialize(claims));
}

}  // namespace pipit::auth
