#include "skapi/tokens.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/claims.hpp"
#include "auth/hmac.hpp"
#include "auth/token_signer.hpp"
#include "base/assert.hpp"

namespace pipit::skapi {
namespace {

namespace json = boost::json;
using Reason = auth::TokenError::Reason;

// The client knows two kinds of people.
constexpr int kAdminGroup = 99;
constexpr int kUserGroup = 1;

constexpr std::string_view kRefreshUse = "refresh";

std::string own_issuer_name(std::string_view service_id) {
    return "pipit/skapi/" + std::string(service_id);
}

/// Nothing when the claim is absent or no string.
std::optional<std::string_view> text_claim(const json::object& claims, std::string_view name) {
    const json::value* value = claims.if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

bool is_admin(const json::object& claims) {
    const json::value* group = claims.if_contains("access_group");
    if (group == nullptr) return false;
    // Providers that can put only text into their tokens write it as text.
    if (group->is_string()) return group->get_string() == std::to_string(kAdminGroup);
    return group->is_number() && group->to_number<double>() == kAdminGroup;
}

bool is_among(const std::vector<std::string>& names, const json::value* claim) {
    const auto is_one = [&](const json::value& value) {
        return value.is_string() &&
               std::ranges::find(names, std::string_view(value.get_string())) != names.end();
    };
    if (claim == nullptr) return false;
    return claim->is_array() ? std::ranges::any_of(claim->get_array(), is_one) : is_one(*claim);
}

bool is_for(const Service& service, const std::string& issuer, const json::object& claims) {
    const auto named = text_claim(claims, "custom:service");
    if (named && *named != service.id) return false;
    if (issuer == own_issuer_name(service.id)) return true;
    return !service.issuer.empty() && issuer == service.issuer &&
           (service.client_ids.empty() || is_among(service.client_ids, claims.if_contains("client_id")) ||
            is_among(service.client_ids, claims.if_contains("aud")));
}

}  // namespace

auth::Secret service_secret(const auth::Secret& server_secret, std::string_view service_id) {
    return auth::derive_secret(server_secret, "pipit skapi token v1 " + std::string(service_id));
}

auth::Issuer own_issuer(const Service& service, auth::Secret service_secret) {
    auth::Issuer issuer = auth::local_issuer(std::move(service_secret));
    issuer.iss = own_issuer_name(service.id);
    issuer.may_be_unnamed = false;
    return issuer;
}

std::string TokenSet::json() const {
    json::object all;
    all["idToken"] = id;
    all["accessToken"] = access;
    all["refreshToken"] = refresh;
    return json::serialize(all);
}

TokenSet sign_tokens(const Service& service, const auth::Secret& service_secret, const Person& person,
                     base::UnixSeconds now, base::UnixSeconds ttl_s) {
    json::object claims;
    claims["iss"] = own_issuer_name(service.id);
    claims["sub"] = person.user;
    claims["custom:service"] = service.id;
    claims["custom:owner"] = service.owner;
    claims["cognito:username"] = person.user;
    claims["access_group"] = person.admin ? kAdminGroup : kUserGroup;
    if (!person.name.empty()) claims["name"] = person.name;
    claims["auth_time"] = now;
    claims["iat"] = now;
    const auto sign = [&](std::string_view use, base::UnixSeconds for_s) {
        claims["token_use"] = use;
        claims["exp"] = now + for_s;
        return auth::sign_payload_hs256(service_secret, json::serialize(claims));
    };
    return {.id = sign("id", ttl_s),
            .access = sign("access", ttl_s),
            .refresh = sign(kRefreshUse, std::max(ttl_s, kRefreshTtlS))};
}

base::Result<TokenReader::Bearer, auth::TokenError> TokenReader::read(std::string_view token,
                                                                      base::UnixSeconds now) const {
    return read(token, Use::session, now);
}

base::Result<TokenReader::Bearer, auth::TokenError> TokenReader::read_refresh(std::string_view token,
                                                                              base::UnixSeconds now) const {
    return read(token, Use::refresh, now);
}

base::Result<TokenReader::Bearer, auth::TokenError> TokenReader::read(std::string_view token, Use use,
                                                                      base::UnixSeconds now) const {
    auto signature = verifier_.check_signature(token);
    if (!signature) return signature.error();
    auto& [claims, issuer] = *signature;
    PIPIT_ASSERT(issuer->iss);

    const bool is_refresh = text_claim(claims, "token_use") == kRefreshUse;
    if (is_refresh != (use == Use::refresh)) return auth::TokenError{Reason::bad_claim, "token_use"};
    const auto fits = [&claims = claims, &iss = *issuer->iss, use](const Service& service) {
        // A provider may end its sessions; what is traded for tokens of ours must be one of ours.
        return is_for(service, iss, claims) && (use == Use::session || iss == own_issuer_name(service.id));
    };
    const auto service = std::ranges::find_if(*services_, fits);
    if (service == services_->end() || std::any_of(service + 1, services_->end(), fits))
        return auth::TokenError{Reason::wrong_audience};

    Bearer bearer;
    bearer.service = static_cast<std::size_t>(service - services_->begin());
    bearer.person.admin = is_admin(claims);
    bearer.person.name = std::string(text_claim(claims, "name").value_or(""));
    // What these say is said to others: whose they are decides what they mean.
    claims.erase("role");
    claims.erase("groups");
    auto identity = auth::read_claims(claims, {}, rules_, now);
    if (!identity) return identity.error();
    bearer.person.user = std::move(identity->user_id);
    return bearer;
}

}  // namespace pipit::skapi
