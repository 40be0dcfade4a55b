#include "auth/seal.hpp"

#include <openssl/evp.h>

#include "auth/openssl_errors.hpp"
#include "base/assert.hpp"

namespace pipit::auth {
namespace {

constexpr std::size_t kTagBytes = 16;

// Found by name once: to look for it costs more than to use it.
const EVP_CIPHER* cipher() {
    static const EVP_CIPHER* const found = EVP_CIPHER_fetch(nullptr, "AES-128-SIV", nullptr);
    PIPIT_ASSERT(found != nullptr);
    return found;
}

class Context {
 public:
    explicit Context(bool encrypt, base::ByteSpan key) : context_(EVP_CIPHER_CTX_new()) {
        PIPIT_ASSERT(context_ != nullptr);
        PIPIT_ASSERT(EVP_CipherInit_ex2(context_.get(), cipher(), key.data(), nullptr, encrypt, nullptr) ==
                     1);
    }
    EVP_CIPHER_CTX* get() { return context_.get(); }
    bool update(std::uint8_t* out, std::string_view in) {
        int written = 0;
        const base::ByteSpan bytes = base::as_bytes(in);
        return EVP_CipherUpdate(get(), out, &written, bytes.data(), static_cast<int>(bytes.size())) == 1;
    }

 private:
    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };
    std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

std::uint8_t* bytes_of(std::string& text) {
    return reinterpret_cast<std::uint8_t*>(text.data());
}

}  // namespace

std::string Seal::close(std::string_view purpose, std::string_view text) const {
    PIPIT_ASSERT(!text.empty());
    Context context(true, secret_.bytes());
    std::string sealed(kTagBytes + text.size(), '\0');
    PIPIT_ASSERT(context.update(nullptr, purpose));
    PIPIT_ASSERT(context.update(bytes_of(sealed) + kTagBytes, text));
    PIPIT_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, sealed.data()) == 1);
    return sealed;
}

std::optional<std::string> Seal::open(std::string_view purpose, std::string_view sealed) const {
    if (sealed.size() <= kTagBytes) return std::nullopt;
    const OpensslErrorsForgotten forgotten;
    Context context(false, secret_.bytes());
    std::string tag(sealed.substr(0, kTagBytes));
    PIPIT_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
    PIPIT_ASSERT(context.update(nullptr, purpose));
    std::string text(sealed.size() - kTagBytes, '\0');
    // The mode deciphers and checks in this one step, and fails when the tag is not that of the text.
    if (!context.update(bytes_of(text), sealed.substr(kTagBytes))) return std::nullopt;
    return text;
}

}  // namespace pipit::auth
