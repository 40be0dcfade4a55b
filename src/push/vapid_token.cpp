#include "push/vapid_token.hpp"

#include <algorithm>

#include "base/base64url.hpp"
#include "codec/json_scan.hpp"

namespace pipit::push {

std::string sign_vapid_token(const P256Key& key, const VapidClaims& claims) {
    std::string payload = "{\"aud\":";
    codec::append_json_string(payload, claims.audience);
    payload += ",\"exp\":" + std::to_string(claims.expires_at);
    if (!claims.subject.empty()) {
        payload += ",\"sub\":";
        codec::append_json_string(payload, claims.subject);
    }
    payload += '}';

    std::string token = base::base64url_encode(base::as_bytes(R"({"typ":"JWT","alg":"ES256"})"));
    token += '.';
    token += base::base64url_encode(base::as_bytes(payload));
    const auto signature = key.sign(token);
    token += '.';
    token += base::base64url_encode(signature);
    return token;
}

std::string VapidTokens::token(const P256Key& key, std::string_view origin, base::UnixSeconds now) {
    const auto [at, is_new] =
        tokens_.try_emplace(std::pair(key.public_point(), std::string(origin)), Token{});
    Token& token = at->second;
    const base::UnixSeconds left_s = token.expires_at - now;
    // More than a lifetime is left only after the clock was set back.
    if (is_new || left_s < kRenewBefore_s || left_s > kLifetime_s) {
        token.expires_at = now + kLifetime_s;
        token.text = sign_vapid_token(key, {.audience = origin,
                                            .expires_at = token.expires_at,
                                            .subject = subject_ ? std::string_view(subject_->text()) : ""});
    }
    std::string text = token.text;
    if (tokens_.size() > kTokensMax) make_room();
    return text;
}

void VapidTokens::make_room() {
    tokens_.erase(std::min_element(tokens_.begin(), tokens_.end(), [](const auto& one, const auto& other) {
        return one.second.expires_at < other.second.expires_at;
    }));
}

}  // namespace pipit::push
