#include "push/content_encoding.hpp"

#include <algorithm>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/assert.hpp"
#include "push/hkdf.hpp"

namespace pipit::push {
namespace {

// The zero that ends each of these belongs to it (RFC 8188 sections 2.2 and 2.3).
constexpr std::string_view kKeyInfo("Content-Encoding: aes128gcm\0", 28);
constexpr std::string_view kNonceInfo("Content-Encoding: nonce\0", 24);

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

std::string content_header(const ContentSalt& salt, std::uint32_t record_bytes, base::ByteSpan key_id) {
    PIPIT_ASSERT(key_id.size() <= 255);
    std::string header(base::as_text(salt));
    for (int shift = 24; shift >= 0; shift -= 8)
        header += static_cast<char>(record_bytes >> shift & 0xff);
    header += static_cast<char>(key_id.size());
    header += base::as_text(key_id);
    return header;
}

ContentCipher::ContentCipher(base::ByteSpan keying_material, const ContentSalt& salt) {
    HkdfKey extracted = hkdf_extract(salt, keying_material);
    HkdfKey key = hkdf_expand(extracted, kKeyInfo);
    const HkdfKey nonce = hkdf_expand(extracted, kNonceInfo);
    std::copy_n(key.begin(), key_.size(), key_.begin());
    std::copy_n(nonce.begin(), nonce_.size(), nonce_.begin());
    OPENSSL_cleanse(extracted.data(), extracted.size());
    OPENSSL_cleanse(key.data(), key.size());
}

ContentCipher::~ContentCipher() {
    OPENSSL_cleanse(key_.data(), key_.size());
}

std::string ContentCipher::seal(std::uint64_t index, std::string_view delimited) const {
    // RFC 8188 section 2.3: the number of the record, of 96 bits, is added to the nonce without carry.
    std::array<std::uint8_t, 12> nonce = nonce_;
    for (std::size_t i = 0; i < 8; ++i)
        nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(index >> (8 * i));

    const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    PIPIT_ASSERT(context && EVP_EncryptInit_ex2(context.get(), EVP_aes_128_gcm(), key_.data(), nonce.data(),
                                                nullptr) == 1);
    std::string sealed(delimited.size() + kContentTagBytes, '\0');
    auto* const out = reinterpret_cast<std::uint8_t*>(sealed.data());
    const base::ByteSpan in = base::as_bytes(delimited);
    int written = 0;
    PIPIT_ASSERT(EVP_EncryptUpdate(context.get(), out, &written, in.data(), static_cast<int>(in.size())) ==
                 1);
    PIPIT_ASSERT(EVP_EncryptFinal_ex(context.get(), out + written, &written) == 1 && written == 0);
    PIPIT_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kContentTagBytes,
                                     out + delimited.size()) == 1);
    return sealed;
}

}  // namespace pipit::push
