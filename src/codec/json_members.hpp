#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "codec/json_scan.hpp"

namespace pipit::codec {

/// Calls `use` with what the inside of a JSON string says. Hardly any name is written with escapes, so that
/// costs nothing; one that no UTF-8 can express is no name of ours.
template <class Use>
void with_unescaped(std::string_view content, Use&& use) {
    if (content.find('\\') == std::string_view::npos) {
        use(content);
    } else if (const auto text = unescape_json_string(content)) {
        use(std::string_view(*text));
    }
}

/// Keeps `member` in the place that its name has in `names`, if it is one of them. A repeated one counts as
/// it was written last.
template <std::size_t N>
void keep(const JsonMember& member, const std::string_view (&names)[N],
          std::array<std::optional<JsonMember>, N>& found) {
    with_unescaped(member.key, [&](std::string_view key) {
        for (std::size_t i = 0; i < N; ++i) {
            if (names[i] == key) found[i] = member;
        }
    });
}

/// The members of an object with these names, in the order of the names. `object` has been validated.
template <std::size_t N>
std::array<std::optional<JsonMember>, N> find_members(std::string_view object, unsigned depth_max,
                                                      const std::string_view (&names)[N]) {
    std::array<std::optional<JsonMember>, N> found;
    scan_object(object, depth_max, [&](const JsonMember& member) { keep(member, names, found); });
    return found;
}

}  // namespace pipit::codec
