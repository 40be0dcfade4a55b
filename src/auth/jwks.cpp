#include "auth/jwks.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <openssl/crypto.h>

#include "auth/json_object.hpp"
#include "base/base64url.hpp"
#include "codec/names.hpp"

namespace pipit::auth {
namespace {

namespace json = boost::json;

constexpr std::size_t kKidBytesMax = 255;

/// The text of member `name`: empty when it is absent, a failure when it is something other than a string.
base::Result<std::string_view> optional_text(const json::object& key, std::string_view name) {
    const json::value* value = key.if_contains(name);
    if (value == nullptr) return std::string_view{};
    if (!value->is_string()) return base::Failure{"\"" + std::string(name) + "\" is not a string"};
    return std::string_view(value->get_string());
}

/// The bytes of a member that must be there, in base64url.
base::Result<std::string> required_bytes(const json::object& key, std::string_view name) {
    auto text = optional_text(key, name);
    if (!text) return text.error();
    auto bytes = base::base64url_decode(*text);
    if (text->empty() || !bytes)
        return base::Failure{"\"" + std::string(name) + "\" is missing or not base64url"};
    return std::move(*bytes);
}

/// Whether `key_ops` (RFC 7517 section 4.3) lets us check signatures.
base::Result<bool> may_verify(const json::object& key) {
    const json::value* operations = key.if_contains("key_ops");
    if (operations == nullptr) return true;
    const auto is_text = [](const json::value& value) { return value.is_string(); };
    if (!operations->is_array() || !std::ranges::all_of(operations->get_array(), is_text)) {
        return base::Failure{"\"key_ops\" is not an array of strings"};
    }
    const auto is_verify = [](const json::value& value) { return value.get_string() == "verify"; };
    return std::ranges::any_of(operations->get_array(), is_verify);
}

/// The one algorithm of ours that a key of kind `kty` and curve `crv` is for.
std::optional<Algorithm> algorithm_of(std::string_view kty, std::string_view crv, const JwksRules& rules) {
    if (kty == "RSA") return Algorithm::rs256;
    if (kty == "EC" && crv == "P-256") return Algorithm::es256;
    if (kty == "OKP" && crv == "Ed25519") return Algorithm::ed25519;
    if (kty == "oct" && rules.secrets_allowed) return Algorithm::hs256;
    return std::nullopt;
}

base::Result<VerificationKey> read_pair(const json::object& key, std::string_view first,
                                        std::string_view second, std::string kid,
                                        decltype(VerificationKey::rs256)* make) {
    auto first_bytes = required_bytes(key, first);
    if (!first_bytes) return first_bytes.error();
    auto second_bytes = required_bytes(key, second);
    if (!second_bytes) return second_bytes.error();
    return make(base::as_bytes(*first_bytes), base::as_bytes(*second_bytes), std::move(kid));
}

base::Result<VerificationKey> read_material(const json::object& key, Algorithm algorithm, std::string kid) {
    if (algorithm == Algorithm::rs256)
        return read_pair(key, "n", "e", std::move(kid), VerificationKey::rs256);
    if (algorithm == Algorithm::es256)
        return read_pair(key, "x", "y", std::move(kid), VerificationKey::es256);

    auto bytes = required_bytes(key, algorithm == Algorithm::ed25519 ? "x" : "k");
    if (!bytes) return bytes.error();
    if (algorithm == Algorithm::ed25519)
        return VerificationKey::ed25519(base::as_bytes(*bytes), std::move(kid));

    auto secret = Secret::from_bytes(*bytes);
    OPENSSL_cleanse(bytes->data(), bytes->size());
    if (!secret) return secret.error();
    return VerificationKey::hs256(std::move(*secret), std::move(kid));
}

base::Result<std::string> read_kid(const json::object& key) {
    auto kid = optional_text(key, "kid");
    if (!kid) return kid.error();
    if (kid->size() > kKidBytesMax || !codec::is_plain_text(*kid)) {
        return base::Failure{"\"kid\" is longer than " + std::to_string(kKidBytesMax) +
                             " bytes or has control characters"};
    }
    return std::string(*kid);
}

/// The key, or nothing when it is not one for us.
base::Result<std::optional<VerificationKey>> read_key(const json::object& key, const std::string& kid,
                                                      const JwksRules& rules) {
    auto kty = optional_text(key, "kty");
    if (!kty) return kty.error();
    if (kty->empty()) return base::Failure{"\"kty\" is missing"};
    auto crv = optional_text(key, "crv");
    if (!crv) return crv.error();
    auto use = optional_text(key, "use");
    if (!use) return use.error();
    auto alg = optional_text(key, "alg");
    if (!alg) return alg.error();
    auto verifies = may_verify(key);
    if (!verifies) return verifies.error();

    const auto algorithm = algorithm_of(*kty, *crv, rules);
    const bool ours = algorithm && *verifies && (use->empty() || *use == "sig") &&
                      (alg->empty() || algorithm_from_name(*alg) == algorithm);
    if (!ours) return std::optional<VerificationKey>{};

    auto made = read_material(key, *algorithm, kid);
    if (!made) return made.error();
    return std::optional<VerificationKey>(std::move(*made));
}

base::Failure about_key(std::size_t index, std::string_view kid, const base::Failure& failure) {
    std::string name = "key " + std::to_string(index);
    if (!kid.empty()) name += " (kid \"" + std::string(kid) + "\")";
    return base::Failure{name + ": " + failure.message};
}

}  // namespace

base::Result<KeySet> parse_jwks(std::string_view document, const JwksRules& rules) {
    if (document.size() > rules.document_bytes_max) {
        return base::Failure{"the key set has " + std::to_string(document.size()) + " bytes; at most " +
                             std::to_string(rules.document_bytes_max) + " are allowed"};
    }
    const auto root = parse_json_object(document);
    if (!root) return base::Failure{"the key set is not a JSON object"};
    const json::value* entries = root->if_contains("keys");
    if (entries == nullptr || !entries->is_array()) return base::Failure{"the key set has no array \"keys\""};
    const json::array& keys = entries->get_array();
    if (keys.size() > rules.keys_max) {
        return base::Failure{"the key set has " + std::to_string(keys.size()) + " keys; at most " +
                             std::to_string(rules.keys_max) + " are allowed"};
    }

    KeySet set;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!keys[i].is_object()) return about_key(i, "", base::Failure{"it is not a JSON object"});
        const json::object& entry = keys[i].get_object();
        auto kid = read_kid(entry);
        if (!kid) return about_key(i, "", kid.error());
        auto key = read_key(entry, *kid, rules);
        if (!key) return about_key(i, *kid, key.error());
        if (*key) set.push_back(std::move(**key));
    }
    return set;
}

}  // namespace pipit::auth
