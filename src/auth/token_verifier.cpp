#include "auth/token_verifier.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "auth/compact_jws.hpp"
#include "auth/json_object.hpp"
#include "base/assert.hpp"

namespace pipit::auth {
namespace {

namespace json = boost::json;
using Reason = TokenError::Reason;

struct Header {
    Algorithm algorithm;
    std::string_view kid;  // empty: the token names no key
};

base::Result<Header, TokenError> read_header(const json::object& header) {
    if (header.contains("crit")) return TokenError{Reason::critical_extension};
    const json::value* alg = header.if_contains("alg");
    if (alg == nullptr || !alg->is_string()) return TokenError{Reason::malformed};
    const auto algorithm = algorithm_from_name(alg->get_string());
    if (!algorithm) return TokenError{Reason::algorithm_not_allowed};
    const json::value* kid = header.if_contains("kid");
    if (kid != nullptr && !kid->is_string()) return TokenError{Reason::malformed};
    return Header{*algorithm, kid != nullptr ? std::string_view(kid->get_string()) : std::string_view{}};
}

/// The issuer that signed `jws`.
base::Result<const Issuer*, TokenError> find_signer(const std::vector<const Issuer*>& issuers,
                                                    const Header& header, const CompactJws& jws) {
    bool key_known = false;
    bool key_fits = false;
    for (const Issuer* issuer : issuers) {
        for (const VerificationKey& key : *issuer->keys) {
            if (!header.kid.empty() && !key.kid().empty() && header.kid != key.kid()) continue;
            key_known = true;
            if (key.algorithm() != header.algorithm) continue;
            key_fits = true;
            if (key.verify(jws.signing_input, jws.signature)) return issuer;
        }
    }
    if (key_fits) return TokenError{Reason::bad_signature};
    return TokenError{key_known ? Reason::algorithm_not_allowed : Reason::unknown_key};
}

}  // namespace

TokenVerifier::TokenVerifier(std::shared_ptr<const KeyRing> ring, TokenRules rules)
    : ring_(std::move(ring)), rules_(rules) {
    PIPIT_ASSERT(ring_ != nullptr);
}

base::Result<Identity, TokenError> TokenVerifier::verify(std::string_view token,
                                                         base::UnixSeconds now) const {
    const auto signature = check_signature(token);
    if (!signature) return signature.error();
    return read_claims(signature->claims, signature->issuer->audiences, rules_.claims, now);
}

base::Result<TokenVerifier::SignedClaims, TokenError> TokenVerifier::check_signature(
    std::string_view token) const {
    if (token.size() > rules_.token_bytes_max) return TokenError{Reason::too_long};
    const auto jws = CompactJws::parse(token);
    if (!jws) return TokenError{Reason::malformed};
    const auto header_json = parse_json_object(jws->header);
    auto claims = parse_json_object(jws->payload);
    if (!header_json || !claims) return TokenError{Reason::malformed};
    const auto header = read_header(*header_json);
    if (!header) return header.error();

    std::optional<std::string_view> iss;
    if (const json::value* claim = claims->if_contains("iss")) {
        if (!claim->is_string()) return TokenError{Reason::bad_claim, "iss"};
        iss = claim->get_string();
    }
    const auto issuers = ring_->issuers_for(iss);
    if (issuers.empty()) return TokenError{Reason::unknown_issuer};
    const auto signer = find_signer(issuers, *header, *jws);
    if (!signer) return signer.error();
    return SignedClaims{std::move(*claims), *signer};
}

}  // namespace pipit::auth
