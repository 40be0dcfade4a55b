#include "codec/utf8.hpp"

#include <cstring>

namespace pipit::codec {
namespace {

// Most of what is sent is ASCII, so eight bytes are looked at in one step.
const char* skip_ascii(const char* at, const char* end) noexcept {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    while (end - at >= 8) {
        std::uint64_t block = 0;
        std::memcpy(&block, at, sizeof block);
        if ((block & kHighBits) != 0) break;
        at += sizeof block;
    }
    while (at != end && static_cast<unsigned char>(*at) < 0x80)
        ++at;
    return at;
}

}  // namespace

// RFC 3629 section 4: the lead byte fixes the length, and only the first continuation byte has a range of its
// own.
bool Utf8Validator::begin_character(std::uint8_t lead) noexcept {
    if (lead < 0xc2 || lead > 0xf4) return false;
    continuation_bytes_left_ = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    next_low_ = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    next_high_ = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return true;
}

bool Utf8Validator::feed(std::string_view bytes) noexcept {
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at != end) {
        bool possible = true;
        if (continuation_bytes_left_ == 0) {
            at = skip_ascii(at, end);
            if (at == end) break;
            possible = begin_character(static_cast<std::uint8_t>(*at));
        } else {
            const auto byte = static_cast<std::uint8_t>(*at);
            possible = byte >= next_low_ && byte <= next_high_;
            next_low_ = 0x80;
            next_high_ = 0xbf;
            --continuation_bytes_left_;
        }
        if (!possible) {
            continuation_bytes_left_ = 1;
            next_low_ = 0xff;
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
