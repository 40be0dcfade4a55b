#include "rtc/stun_answer.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "rtc/stun_message.hpp"

namespace pipit::rtc {
namespace {

using Type = StunAttributeType;

constexpr std::uint16_t kSuccessType = 0x0101;
constexpr std::uint16_t kErrorType = 0x0111;
constexpr std::size_t kFingerprintAttributeBytes = 8;
// So that an error is no longer than the longest success.
constexpr std::size_t kUnknownAttributesMax = 6;

/// Writes a message; its length is kept right all the time, for a fingerprint counts it.
class Writer {
 public:
    Writer(std::uint16_t type, const StunMessage& request) {
        put_u16(type);
        put_u16(0);
        put(request.cookie_and_id);
    }

    void begin_attribute(Type type, std::size_t value_bytes) {
        put_u16(static_cast<std::uint16_t>(type));
        put_u16(static_cast<std::uint16_t>(value_bytes));
        set_length(answer_.size - kStunHeaderBytes + (value_bytes + 3) / 4 * 4);
    }
    void put_u16(std::uint16_t value) {
        put_u8(static_cast<std::uint8_t>(value >> 8));
        put_u8(static_cast<std::uint8_t>(value));
    }
    void put_u8(std::uint8_t value) {
        PIPIT_ASSERT(answer_.size < answer_.storage.size());
        answer_.storage[answer_.size++] = value;
    }
    void put(base::ByteSpan bytes) {
        for (const std::uint8_t byte : bytes)
            put_u8(byte);
    }
    void pad() {
        while (answer_.size % 4 != 0)
            put_u8(0);
    }

    StunAnswer finish(bool with_fingerprint) {
        if (with_fingerprint) {
            set_length(answer_.size - kStunHeaderBytes + kFingerprintAttributeBytes);
            const std::uint32_t fingerprint = stun_fingerprint(answer_.bytes());
            begin_attribute(Type::fingerprint, sizeof fingerprint);
            put_u16(static_cast<std::uint16_t>(fingerprint >> 16));
            put_u16(static_cast<std::uint16_t>(fingerprint));
        }
        return answer_;
    }

 private:
    void set_length(std::size_t bytes) {
        answer_.storage[2] = static_cast<std::uint8_t>(bytes >> 8);
        answer_.storage[3] = static_cast<std::uint8_t>(bytes);
    }

    StunAnswer answer_;
};

void put_address(Writer& writer, Type type, const StunSource& source, std::uint16_t port,
                 base::ByteSpan address_mask) {
    constexpr std::uint8_t kIpv4 = 1, kIpv6 = 2;
    PIPIT_ASSERT(source.address.size() == 4 || source.address.size() == 16);
    writer.begin_attribute(type, 4 + source.address.size());
    writer.put_u8(0);
    writer.put_u8(source.address.size() == 4 ? kIpv4 : kIpv6);
    writer.put_u16(port);
    for (std::size_t i = 0; i < source.address.size(); ++i) {
        const int mask = address_mask.empty() ? 0 : address_mask[i];
        writer.put_u8(static_cast<std::uint8_t>(source.address[i] ^ mask));
    }
}

StunAnswer tell_source(const StunMessage& request, const StunSource& source) {
    Writer writer(kSuccessType, request);
    const auto port_mask = static_cast<std::uint16_t>(kStunMagicCookie >> 16);
    put_address(writer, Type::xor_mapped_address, source, source.port ^ port_mask, request.cookie_and_id);
    return writer.finish(request.has_fingerprint);
}

StunAnswer tell_source_as_rfc3489(const StunMessage& request, const StunSource& source) {
    Writer writer(kSuccessType, request);
    put_address(writer, Type::mapped_address, source, source.port, {});
    return writer.finish(false);
}

StunAnswer refuse(const StunMessage& request, base::ByteSpan unknown_types) {
    Writer writer(kErrorType, request);
    writer.begin_attribute(Type::error_code, 4);  // without a phrase, which is for people
    writer.put_u16(0);
    writer.put_u8(420 / 100);
    writer.put_u8(420 % 100);
    writer.begin_attribute(Type::unknown_attributes, unknown_types.size());
    writer.put(unknown_types);
    writer.pad();
    return writer.finish(request.has_fingerprint);
}

bool may_be_ignored(Type type) {
    switch (type) {
        case Type::username:
        case Type::message_integrity:
        case Type::realm:
        case Type::nonce:
        case Type::message_integrity_sha256:
        case Type::password_algorithm:
        case Type::userhash:
        case Type::priority:
        case Type::use_candidate:
        // These have no meaning in a request, but are known (section 6.3).
        case Type::mapped_address:
        case Type::xor_mapped_address:
        case Type::error_code:
        case Type::unknown_attributes:
            return true;
        default:
            return static_cast<std::uint16_t>(type) >= kStunOptionalAttributes;
    }
}

StunAnswer answer_request(const StunMessage& request, const StunSource& source) {
    std::array<std::uint8_t, 2 * kUnknownAttributesMax> unknown;
    std::size_t unknown_bytes = 0;
    bool signed_already = false;  // what stands behind the integrity does not count (section 14.5)
    for_each_stun_attribute(request.attributes, [&](const StunAttribute& attribute) {
        if (attribute.type == Type::message_integrity || attribute.type == Type::message_integrity_sha256) {
            signed_already = true;
        } else if (!signed_already && !may_be_ignored(attribute.type) && unknown_bytes < unknown.size()) {
            const auto type = static_cast<std::uint16_t>(attribute.type);
            unknown[unknown_bytes++] = static_cast<std::uint8_t>(type >> 8);
            unknown[unknown_bytes++] = static_cast<std::uint8_t>(type);
        }
    });
    if (unknown_bytes > 0) return refuse(request, {unknown.data(), unknown_bytes});
    return tell_source(request, source);
}

/// A request that one socket can answer: it has no attribute that would move or change the answer.
bool is_plain_rfc3489_request(const StunMessage& request) {
    bool is_plain = true;
    for_each_stun_attribute(request.attributes, [&](const StunAttribute& attribute) {
        is_plain &= attribute.type == Type::change_request &&
                    std::ranges::all_of(attribute.value, [](std::uint8_t byte) { return byte == 0; });
    });
    return is_plain;
}

}  // namespace

std::optional<StunAnswer> stun_answer(base::ByteSpan datagram, const StunSource& source) {
    const auto message = parse_stun(datagram);
    if (!message || message->message_class != StunClass::request || message->method != kStunBinding)
        return std::nullopt;
    if (message->has_magic_cookie) return answer_request(*message, source);
    if (is_plain_rfc3489_request(*message)) return tell_source_as_rfc3489(*message, source);
    return std::nullopt;
}

}  // namespace pipit::rtc
