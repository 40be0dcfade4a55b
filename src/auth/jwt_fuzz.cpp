// The first byte chooses: the rest is a token, or it is the payload of a token that we sign, so that the
// fuzzer gets past the signature and to the claims.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "auth/token_signer.hpp"
#include "auth/token_verifier.hpp"
#include "base/bytes.hpp"

namespace {

using namespace pipit;

constexpr base::UnixSeconds kNow = 1'700'000'000;

auth::Secret secret() {
    return *auth::Secret::from_bytes("the secret that the fuzzer signs with");
}

auth::TokenVerifier make_verifier() {
    auto keys = auth::parse_jwks(
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
                    {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
    keys->push_back(auth::VerificationKey::hs256(secret(), "k"));
    auth::Issuer issuer{std::nullopt, {}, std::make_shared<const auth::KeySet>(std::move(*keys))};
    return auth::TokenVerifier(
        std::make_shared<const auth::KeyRing>(std::vector{std::move(issuer), auth::local_issuer(secret())}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auth::TokenVerifier verifier = make_verifier();
    if (size == 0) return 0;
    const std::string_view text = base::as_text({data + 1, size - 1});
    const std::string token = data[0] % 2 == 0 ? std::string(text) : auth::sign_payload_hs256(secret(), text);
    const auto identity = verifier.verify(token, kNow);
    if (!identity) return 0;
    if (!auth::is_valid_user_id(identity->user_id)) std::abort();
    if (identity->expires_at + auth::ClaimRules{}.leeway_s <= kNow) std::abort();
    static_cast<void>(identity->groups.allows("aabaabab*team-7"));
    return 0;
}
