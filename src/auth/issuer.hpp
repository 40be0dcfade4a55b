#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwks.hpp"
#include "auth/secret.hpp"

namespace pipit::auth {

/// The `iss` of the tokens that this server signs itself.
inline constexpr std::string_view kLocalIssuer = "pipit";

/// Someone whose tokens we believe.
struct Issuer {
    /// Tokens must carry exactly this `iss`. Absent: the tokens that no named issuer claims, whatever their
    /// `iss`.
    std::optional<std::string> iss;
    /// A token's `aud` must name at least one of these; empty: `aud` is not looked at.
    std::vector<std::string> audiences;
    /// Never null. Empty while the keys have not been fetched yet.
    std::shared_ptr<const KeySet> keys = std::make_shared<const KeySet>();
    /// Its tokens may leave `iss` out.
    bool may_be_unnamed = false;
};

/// This server as an issuer: tokens of TokenSigner with the same secret, and those of a backend that shares
/// it, which need not say `iss`.
Issuer local_issuer(Secret secret);

/// Everyone we believe, at one moment. Immutable, and shared between threads as shared_ptr<const KeyRing>:
/// newly fetched keys are a new ring.
class KeyRing {
 public:
    explicit KeyRing(std::vector<Issuer> issuers) : issuers_(std::move(issuers)) {}

    /// Whose keys may check a token with this `iss`: the issuers of that name, or else those without a name.
    /// The pointers live as long as the ring.
    std::vector<const Issuer*> issuers_for(std::optional<std::string_view> iss) const;

    const std::vector<Issuer>& issuers() const { return issuers_; }

 private:
    std::vector<Issuer> issuers_;
};

}  // namespace pipit::auth
