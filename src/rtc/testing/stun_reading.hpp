#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "rtc/stun_answer.hpp"
#include "rtc/stun_message.hpp"

namespace pipit::rtc {

/// An address with its port, read from an attribute by the rules of RFC 8489 section 14.2 and not by the code
/// that writes them.
struct StunMapping {
    std::vector<std::uint8_t> address;
    std::uint16_t port = 0;

    bool operator==(const StunMapping&) const = default;
};

inline std::optional<base::ByteSpan> find_attribute(const StunMessage& message, StunAttributeType type) {
    std::optional<base::ByteSpan> found;
    for_each_stun_attribute(message.attributes, [&](const StunAttribute& attribute) {
        if (attribute.type == type && !found) found = attribute.value;
    });
    return found;
}

/// What XOR-MAPPED-ADDRESS, or else MAPPED-ADDRESS, says; nothing when neither is there or well-formed.
inline std::optional<StunMapping> read_mapping(const StunMessage& message) {
    auto value = find_attribute(message, StunAttributeType::xor_mapped_address);
    const bool is_masked = value.has_value();
    if (!value) value = find_attribute(message, StunAttributeType::mapped_address);
    if (!value || value->size() < 8 || (*value)[0] != 0) return std::nullopt;
    const bool is_v4 = (*value)[1] == 1 && value->size() == 8;
    const bool is_v6 = (*value)[1] == 2 && value->size() == 20;
    if (!is_v4 && !is_v6) return std::nullopt;
    StunMapping mapping{{value->begin() + 4, value->end()}, read_stun_u16(*value, 2)};
    if (!is_masked) return mapping;
    mapping.port ^= 0x2112;
    for (std::size_t i = 0; i < mapping.address.size(); ++i)
        mapping.address[i] = static_cast<std::uint8_t>(mapping.address[i] ^ message.cookie_and_id[i]);
    return mapping;
}

/// Whether `answer` is one that `source` may be sent for `request`: of the same transaction, well-formed,
/// fingerprinted if the request was, and a refusal or the source's own address.
inline bool is_answer_to(base::ByteSpan request, const StunSource& source, base::ByteSpan answer) {
    const auto asked = parse_stun(request);
    const auto answered = parse_stun(answer);
    if (!asked || !answered || answer.size() > kStunAnswerBytesMax) return false;
    if (answered->method != kStunBinding || answered->has_fingerprint != asked->has_fingerprint) return false;
    if (!std::ranges::equal(asked->cookie_and_id, answered->cookie_and_id)) return false;
    if (answered->message_class == StunClass::error) {
        return find_attribute(*answered, StunAttributeType::unknown_attributes).has_value();
    }
    return answered->message_class == StunClass::success &&
           read_mapping(*answered) ==
               StunMapping{{source.address.begin(), source.address.end()}, source.port};
}

}  // namespace pipit::rtc
