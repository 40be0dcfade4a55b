#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace pipit::rtc {

// STUN messages as RFC 8489 sections 5 and 14 lay them out. Of RFC 3489, which has no magic cookie, a message
// is understood as far as it has the same layout.

inline constexpr std::size_t kStunHeaderBytes = 20;
inline constexpr std::size_t kStunAttributeHeaderBytes = 4;
inline constexpr std::uint32_t kStunMagicCookie = 0x2112'a442;
inline constexpr std::uint16_t kStunBinding = 0x001;

enum class StunClass : std::uint8_t { request, indication, success, error };

/// Numbers of attributes, as IANA's registry "STUN Attributes" has them; all that this room has to tell
/// apart.
enum class StunAttributeType : std::uint16_t {
    mapped_address = 0x0001,
    change_request = 0x0003,
    username = 0x0006,
    message_integrity = 0x0008,
    error_code = 0x0009,
    unknown_attributes = 0x000a,
    realm = 0x0014,
    nonce = 0x0015,
    message_integrity_sha256 = 0x001c,
    password_algorithm = 0x001d,
    userhash = 0x001e,
    xor_mapped_address = 0x0020,
    priority = 0x0024,
    use_candidate = 0x0025,
    fingerprint = 0x8028,
};

/// Who does not know an attribute below this number must not take the message for understood.
inline constexpr std::uint16_t kStunOptionalAttributes = 0x8000;

struct StunAttribute {
    StunAttributeType type;
    base::ByteSpan value;  ///< without the padding
};

/// The spans look into the datagram and live as long as it.
struct StunMessage {
    StunClass message_class = StunClass::request;
    std::uint16_t method = 0;
    bool has_magic_cookie = false;
    bool has_fingerprint = false;
    base::ByteSpan cookie_and_id;  ///< 16 bytes; an answer has the same
    base::ByteSpan attributes;     ///< whole ones, each with its padding
};

inline std::uint16_t read_stun_u16(base::ByteSpan bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

/// Calls `each(const StunAttribute&)` for all of a message's attributes in order. False when they are not
/// whole ones; those before the fault have been reported then.
template <class Each>
bool for_each_stun_attribute(base::ByteSpan attributes, Each&& each) {
    while (!attributes.empty()) {
        if (attributes.size() < kStunAttributeHeaderBytes) return false;
        const std::size_t value_bytes = read_stun_u16(attributes, 2);
        const std::size_t padded_bytes = (value_bytes + 3) / 4 * 4;
        if (attributes.size() - kStunAttributeHeaderBytes < padded_bytes) return false;
        each(StunAttribute{StunAttributeType{read_stun_u16(attributes, 0)},
                           attributes.subspan(kStunAttributeHeaderBytes, value_bytes)});
        attributes = attributes.subspan(kStunAttributeHeaderBytes + padded_bytes);
    }
    return true;
}

/// The message that fills `datagram` exactly. Nothing when there is none: the first two bits are not zero, a
/// length does not add up, or a FINGERPRINT is not the last attribute or not that of the message. Whether
/// MESSAGE-INTEGRITY holds is not looked at: we know no passwords.
std::optional<StunMessage> parse_stun(base::ByteSpan datagram);

/// The value of the FINGERPRINT behind `message`, whose header must count it already (RFC 8489 section 14.7).
std::uint32_t stun_fingerprint(base::ByteSpan message);

}  // namespace pipit::rtc
