#include "auth/glob.hpp"

#include <array>
#include <cstdint>

#include "base/assert.hpp"

namespace pipit::auth {
namespace {

/// Where `piece` first ends inside `text`, or npos. Knuth-Morris-Pratt: unlike string_view::find it never
/// looks at a byte of `text` twice, so a token cannot buy quadratic work with a pattern like `*aaaa…ab*`.
std::size_t find_end(std::string_view text, std::string_view piece) {
    std::array<std::uint8_t, kGlobBytesMax>
        border{};  // of each prefix of `piece`: its longest proper prefix-suffix
    for (std::size_t i = 1, length = 0; i < piece.size(); ++i) {
        while (length > 0 && piece[i] != piece[length])
            length = border[length - 1];
        if (piece[i] == piece[length]) ++length;
        border[i] = static_cast<std::uint8_t>(length);
    }
    std::size_t matched = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (matched > 0 && text[i] != piece[matched])
            matched = border[matched - 1];
        if (text[i] == piece[matched]) ++matched;
        if (matched == piece.size()) return i + 1;
    }
    return std::string_view::npos;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    PIPIT_ASSERT(pattern.size() <= kGlobBytesMax);
    const std::size_t first_star = pattern.find('*');
    if (first_star == std::string_view::npos) return pattern == text;

    const std::size_t last_star = pattern.rfind('*');
    const std::string_view head = pattern.substr(0, first_star);
    const std::string_view tail = pattern.substr(last_star + 1);
    if (text.size() < head.size() + tail.size() || !text.starts_with(head) || !text.ends_with(tail))
        return false;
    text = text.substr(head.size(), text.size() - head.size() - tail.size());

    // Taking each piece at its first place leaves the most text for the pieces after it.
    std::string_view pieces = pattern.substr(first_star, last_star - first_star);
    while (!pieces.empty()) {
        pieces.remove_prefix(1);
        const std::string_view piece = pieces.substr(0, pieces.find('*'));
        pieces.remove_prefix(piece.size());
        if (piece.empty()) continue;
        const std::size_t end = find_end(text, piece);
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end);
    }
    return true;
}

}  // namespace pipit::auth
