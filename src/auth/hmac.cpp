#include "auth/hmac.hpp"

#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.hpp"

namespace pipit::auth {

std::array<std::uint8_t, 32> hmac_sha256(const Secret& secret, std::string_view text) {
    std::array<std::uint8_t, 32> mac{};
    const base::ByteSpan key = secret.bytes();
    const base::ByteSpan bytes = base::as_bytes(text);
    const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(),
                            bytes.size(), mac.data(), nullptr);
    PIPIT_ASSERT(made != nullptr);
    return mac;
}

Secret derive_secret(const Secret& secret, std::string_view purpose) {
    PIPIT_ASSERT(purpose.find('.') == std::string_view::npos);
    auto key = hmac_sha256(secret, purpose);
    auto derived = Secret::from_bytes({reinterpret_cast<const char*>(key.data()), key.size()});
    OPENSSL_cleanse(key.data(), key.size());
    PIPIT_ASSERT(derived);
    return std::move(derived).value();
}

}  // namespace pipit::auth
