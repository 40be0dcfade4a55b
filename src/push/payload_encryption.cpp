#include "push/payload_encryption.hpp"

#include <openssl/crypto.h>

#include "base/assert.hpp"

namespace pipit::push {

HkdfKey push_keying_material(const SubscriberKeys& subscriber, const P256Key& ours) {
    auto shared = ours.agree(subscriber.p256dh);
    const HkdfKey mixed = hkdf_extract(subscriber.auth, shared);
    OPENSSL_cleanse(shared.data(), shared.size());
    std::string info("WebPush: info\0", 14);
    info += base::as_text(subscriber.p256dh);
    info += base::as_text(ours.public_point());
    return hkdf_expand(mixed, info);
}

std::string encrypt_payload(const SubscriberKeys& subscriber, std::string_view payload,
                            base::Random& random) {
    const P256Key ours = P256Key::generate(random);
    ContentSalt salt{};
    random.fill(salt);
    return encrypt_payload(subscriber, payload, ours, salt);
}

std::string encrypt_payload(const SubscriberKeys& subscriber, std::string_view payload, const P256Key& ours,
                            const ContentSalt& salt) {
    PIPIT_ASSERT(payload.size() <= kPayloadBytesMax);
    HkdfKey material = push_keying_material(subscriber, ours);
    const ContentCipher cipher(material, salt);
    OPENSSL_cleanse(material.data(), material.size());
    std::string delimited(payload);
    delimited += kLastRecordDelimiter;
    return content_header(salt, kPushBodyBytesMax, ours.public_point()) + cipher.seal(0, delimited);
}

}  // namespace pipit::push
