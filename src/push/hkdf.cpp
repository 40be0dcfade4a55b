#include "push/hkdf.hpp"

#include <string>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.hpp"

namespace pipit::push {

HkdfKey hkdf_extract(base::ByteSpan salt, base::ByteSpan input) {
    HkdfKey key{};
    PIPIT_ASSERT(HMAC(EVP_sha256(), salt.data(), static_cast<int>(salt.size()), input.data(), input.size(),
                      key.data(), nullptr) != nullptr);
    return key;
}

HkdfKey hkdf_expand(const HkdfKey& key, std::string_view info) {
    // One block is all that is asked for, so it is the one with the number 1.
    std::string block(info);
    block += '\1';
    return hkdf_extract(key, base::as_bytes(block));
}

}  // namespace pipit::push
