#include "codec/names.hpp"

#include <cstddef>

#include "codec/utf8.hpp"

namespace pipit::codec {

bool is_plain_text(std::string_view text) {
    if (!is_valid_utf8(text)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7f) return false;
        // In valid UTF-8 a lead byte is never the last one, and U+0080 to U+009F are C2 80 to C2 9F.
        if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
    }
    return true;
}

bool is_valid_name(std::string_view text, std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && is_plain_text(text);
}

}  // namespace pipit::codec
