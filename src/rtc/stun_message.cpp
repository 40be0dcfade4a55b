#include "rtc/stun_message.hpp"

#include <zlib.h>

namespace pipit::rtc {
namespace {

constexpr std::size_t kFingerprintBytes = 4;
constexpr std::uint32_t kFingerprintMask = 0x5354'554e;

std::uint32_t read_u32(base::ByteSpan bytes, std::size_t at) {
    return std::uint32_t{read_stun_u16(bytes, at)} << 16 | read_stun_u16(bytes, at + 2);
}

/// The two bits of the class stand between those of the method (section 5, figure 3).
StunClass class_of(std::uint16_t type) {
    return static_cast<StunClass>((type >> 7 & 2) | (type >> 4 & 1));
}
std::uint16_t method_of(std::uint16_t type) {
    return static_cast<std::uint16_t>((type >> 2 & 0xf80) | (type >> 1 & 0x70) | (type & 0xf));
}

}  // namespace

std::optional<StunMessage> parse_stun(base::ByteSpan datagram) {
    if (datagram.size() < kStunHeaderBytes || datagram.size() % 4 != 0) return std::nullopt;
    const std::uint16_t type = read_stun_u16(datagram, 0);
    if (type >= 0x4000 || read_stun_u16(datagram, 2) != datagram.size() - kStunHeaderBytes)
        return std::nullopt;

    StunMessage message;
    message.message_class = class_of(type);
    message.method = method_of(type);
    message.has_magic_cookie = read_u32(datagram, 4) == kStunMagicCookie;
    message.cookie_and_id = datagram.subspan(4, 16);
    message.attributes = datagram.subspan(kStunHeaderBytes);

    bool fingerprint_holds = true;
    const bool whole = for_each_stun_attribute(message.attributes, [&](const StunAttribute& attribute) {
        if (message.has_fingerprint) fingerprint_holds = false;  // it was not the last one
        if (attribute.type != StunAttributeType::fingerprint) return;
        message.has_fingerprint = true;
        const auto before =
            static_cast<std::size_t>(attribute.value.data() - datagram.data()) - kStunAttributeHeaderBytes;
        fingerprint_holds &= attribute.value.size() == kFingerprintBytes &&
                             read_u32(attribute.value, 0) == stun_fingerprint(datagram.first(before));
    });
    if (!whole || !fingerprint_holds) return std::nullopt;
    return message;
}

std::uint32_t stun_fingerprint(base::ByteSpan message) {
    const auto crc = crc32(0, message.data(), static_cast<uInt>(message.size()));
    return static_cast<std::uint32_t>(crc) ^ kFingerprintMask;
}

}  // namespace pipit::rtc
