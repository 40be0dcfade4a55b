#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "codec/notification.hpp"
#include "push/content_encoding.hpp"
#include "push/hkdf.hpp"
#include "push/p256_key.hpp"

namespace pipit::push {

/// What a browser gives out so that its application, and not its push service, can write to it
/// (RFC 8291 section 2).
struct SubscriberKeys {
    P256Point p256dh{};
    std::array<std::uint8_t, 16> auth{};
};

/// A push service need not take bodies of more than 4,096 bytes (RFC 8030 section 7.2), so that is the body
/// and the size of its one record.
inline constexpr std::size_t kPushBodyBytesMax = 4'096;
/// What is left of it after the header with our public key as its key id, the delimiter and the tag.
inline constexpr std::size_t kPayloadBytesMax =
    kPushBodyBytesMax - kContentHeaderBytesMin - kP256PointBytes - 1 - kContentTagBytes;
static_assert(kPayloadBytesMax == codec::kNotificationBytesMax);

/// Step 1 of RFC 8291 section 3.4: what the content's key and nonce are made from.
HkdfKey push_keying_material(const SubscriberKeys& subscriber, const P256Key& ours);

/// The body of a push message (RFC 8291) for this subscriber, with a key and a salt made for it. `payload`
/// has at most kPayloadBytesMax bytes; the body has 103 more.
std::string encrypt_payload(const SubscriberKeys& subscriber, std::string_view payload, base::Random& random);

/// The same with a key and a salt of the caller's, which must never have been used before.
std::string encrypt_payload(const SubscriberKeys& subscriber, std::string_view payload, const P256Key& ours,
                            const ContentSalt& salt);

}  // namespace pipit::push
