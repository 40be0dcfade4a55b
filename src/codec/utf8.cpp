#include "codec/utf8.hpp"

#include <array>
#include <cstring>

namespace pipit::codec {
namespace {

// What a lead byte promises (RFC 3629 section 4): the length of its character and the range of the second
// byte. Only that one has a range of its own; it is what keeps out overlong forms, surrogates and what is
// above U+10FFFF.
struct Lead {
    std::uint8_t size = 0;  // 0: no character begins with this byte
    std::uint8_t second_low = 0x80;
    std::uint8_t second_high = 0xbf;
};

constexpr auto kLeads = [] {
    std::array<Lead, 256> leads{};
    for (std::size_t byte = 0; byte < 0x80; ++byte)
        leads[byte].size = 1;
    for (std::size_t byte = 0xc2; byte < 0xe0; ++byte)
        leads[byte].size = 2;
    for (std::size_t byte = 0xe0; byte < 0xf0; ++byte)
        leads[byte].size = 3;
    for (std::size_t byte = 0xf0; byte < 0xf5; ++byte)
        leads[byte].size = 4;
    leads[0xe0].second_low = 0xa0;
    leads[0xed].second_high = 0x9f;
    leads[0xf0].second_low = 0x90;
    leads[0xf4].second_high = 0x8f;
    return leads;
}();

std::uint8_t byte_at(const char* at) {
    return static_cast<std::uint8_t>(*at);
}

// Much of what is sent is ASCII, so eight bytes are looked at in one step.
const char* skip_ascii(const char* at, const char* end) noexcept {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    while (end - at >= 8) {
        std::uint64_t block = 0;
        std::memcpy(&block, at, sizeof block);
        if ((block & kHighBits) != 0) break;
        at += sizeof block;
    }
    while (at != end && byte_at(at) < 0x80)
        ++at;
    return at;
}

bool is_continuation(const char* at) {
    return (byte_at(at) & 0xc0) == 0x80;
}

// Past all valid characters that lie wholly in the text: to its end, or to a character that is cut or wrong.
// The length is branched on, not added, so that the processor can guess it and need not wait for the table.
const char* skip_characters(const char* at, const char* end) noexcept {
    for (;;) {
        at = skip_ascii(at, end);
        if (at == end) return at;
        const Lead lead = kLeads[byte_at(at)];
        if (lead.size == 0 || end - at < lead.size) return at;
        if (byte_at(at + 1) < lead.second_low || byte_at(at + 1) > lead.second_high) return at;
        if (lead.size == 2) {
            at += 2;
        } else if (lead.size == 3) {
            if (!is_continuation(at + 2)) return at;
            at += 3;
        } else {
            if (!is_continuation(at + 2) || !is_continuation(at + 3)) return at;
            at += 4;
        }
    }
}

}  // namespace

bool Utf8Validator::begin_character(std::uint8_t byte) noexcept {
    const Lead lead = kLeads[byte];
    if (lead.size == 0) return false;
    continuation_bytes_left_ = static_cast<std::uint8_t>(lead.size - 1);
    next_low_ = lead.second_low;
    next_high_ = lead.second_high;
    return true;
}

bool Utf8Validator::feed(std::string_view bytes) noexcept {
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at != end) {
        bool possible = true;
        if (continuation_bytes_left_ == 0) {
            at = skip_characters(at, end);
            if (at == end) break;
            possible = begin_character(byte_at(at));
        } else {
            possible = byte_at(at) >= next_low_ && byte_at(at) <= next_high_;
            next_low_ = 0x80;
            next_high_ = 0xbf;
            --continuation_bytes_left_;
        }
        if (!possible) {
            continuation_bytes_left_ = 1;
            next_high_ = 0;
            return false;
        }
        ++at;
    }
    return next_low_ <= next_high_;
}

bool is_valid_utf8(std::string_view text) noexcept {
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

}  // namespace pipit::codec
