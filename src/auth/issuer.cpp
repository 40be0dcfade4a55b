#include "auth/issuer.hpp"

#include <utility>

namespace pipit::auth {

Issuer local_issuer(Secret secret) {
    KeySet keys;
    keys.push_back(VerificationKey::hs256(std::move(secret), ""));
    return Issuer{.iss = std::string(kLocalIssuer),
                  .audiences = {},
                  .keys = std::make_shared<const KeySet>(std::move(keys)),
                  .may_be_unnamed = true};
}

std::vector<const Issuer*> KeyRing::issuers_for(std::optional<std::string_view> iss) const {
    std::vector<const Issuer*> named;
    std::vector<const Issuer*> unnamed;
    for (const Issuer& issuer : issuers_) {
        if (!issuer.iss || (!iss && issuer.may_be_unnamed)) {
            unnamed.push_back(&issuer);
        } else if (issuer.iss == iss) {
            named.push_back(&issuer);
        }
    }
    return named.empty() ? unnamed : named;
}

}  // namespace pipit::auth
