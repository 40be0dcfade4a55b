#pragma once

#include <string>

#include "core/testing/seeded_random.hpp"

namespace pipit::core {

/// A name of 1 to 255 bytes: of pieces that orders, escapes and prefixes stumble over, often with the
/// beginning of another one, sometimes as long as a name may be.
inline std::string random_name(SeededRandom& random) {
    static constexpr const char* kPieces[] = {
        "a", "b", "B", "0", "~", " ", "#", "%", "%41", "\"", "\\", "/", "ab", "tea", "e\xcc\x81", "\xc3\xa9",
        // The last of two bytes, the last two of three, and of four: their order is that of code points, and
        // not of UTF-16.
        "\xdf\xbf", "\xef\xbf\xbd", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
    if (random.one_in(30)) {
        std::string longest(254, 'n');
        return longest += "nop"[random.below(3)];
    }
    std::string name = random.one_in(2) ? "room " : "";
    for (std::uint64_t i = random.below(4) + (name.empty() ? 1 : 0); i > 0; --i)
        name += kPieces[random.below(std::size(kPieces))];
    return name;
}

/// The code points of UTF-8.
inline std::u32string code_points(std::string_view text) {
    std::u32string points;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0u) == 0x80u) {
            points.back() = points.back() << 6 | (byte & 0x3fu);
        } else {
            points += byte < 0x80   ? byte
                      : byte < 0xe0 ? byte & 0x1fu
                      : byte < 0xf0 ? byte & 0x0fu
                                    : byte & 0x07u;
        }
    }
    return points;
}

}  // namespace pipit::core
