// Utf8Validator against a decoder that is slow and obvious, and against itself with the input cut.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/utf8.hpp"

namespace {

// Decodes one character after the other and judges its value.
bool is_valid_by_value(pipit::base::ByteSpan bytes) {
    while (!bytes.empty()) {
        std::size_t size = 1;
        std::uint32_t value = bytes[0];
        std::uint32_t value_min = 0;
        if (bytes[0] >> 5 == 0b110)
            size = 2, value &= 0x1f, value_min = 0x80;
        else if (bytes[0] >> 4 == 0b1110)
            size = 3, value &= 0x0f, value_min = 0x800;
        else if (bytes[0] >> 3 == 0b11110)
            size = 4, value &= 0x07, value_min = 0x10000;
        else if (bytes[0] >= 0x80)
            return false;
        if (bytes.size() < size) return false;
        for (std::size_t i = 1; i < size; ++i) {
            if (bytes[i] >> 6 != 0b10) return false;
            value = value << 6 | (bytes[i] & 0x3f);
        }
        const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
        if (value < value_min || value > 0x10ffff || is_surrogate) return false;
        bytes = bytes.subspan(size);
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece_bytes = 1 + data[0] % 16;
    const std::string_view text = pipit::base::as_text({data + 1, size - 1});

    const bool valid = pipit::codec::is_valid_utf8(text);
    PIPIT_ASSERT(valid == is_valid_by_value(pipit::base::as_bytes(text)));

    pipit::codec::Utf8Validator pieces;
    bool possible = true;
    for (std::size_t at = 0; at < text.size(); at += piece_bytes)
        possible = pieces.feed(text.substr(at, piece_bytes));
    PIPIT_ASSERT((possible && pieces.complete()) == valid);
    return 0;
}
