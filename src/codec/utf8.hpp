#pragma once

#include <cstdint>
#include <string_view>

namespace pipit::codec {

/// Decides, piece by piece, whether bytes are UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates,
/// nothing above U+10FFFF. Fails at the first byte after which no continuation could be valid.
class Utf8Validator {
 public:
    /// Takes the next bytes. False from the first impossible byte on, for good; the pieces may be cut
    /// anywhere.
    bool feed(std::string_view bytes) noexcept;

    /// Nothing was wrong, and no character is cut short at the end of what was fed.
    bool complete() const noexcept { return continuation_bytes_left_ == 0; }

 private:
    bool begin_character(std::uint8_t byte) noexcept;

    // What the next byte must be while a character is open. A failed validator is one whose open character no
    // byte can continue: low above high.
    std::uint8_t continuation_bytes_left_ = 0;
    std::uint8_t next_low_ = 0x80;
    std::uint8_t next_high_ = 0xbf;
};

/// The whole of `text` is UTF-8 in the sense above.
bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace pipit::codec
