#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
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

/// A member of an object, or nothing where it was left out.
using Argument = std::optional<JsonMember>;

/// Whether it says nothing: null stands for a member that is left out.
inline bool is_missing(const Argument& member) {
    return !member || member->kind == JsonKind::null;
}

/// What a string says; nothing for another kind, and for one that no UTF-8 can express.
inline std::optional<std::string> string_value(const Argument& member) {
    return member && member->kind == JsonKind::string ? unescape_json_string(member->string_content())
                                                      : std::nullopt;
}

/// Keeps `member` in the place that its name has in `names`, if it is one of them. A repeated one counts as
/// it was written last.
template <std::size_t N>
void keep(const JsonMember& member, const std::string_view (&names)[N], std::array<Argument, N>& found) {
    with_unescaped(member.key, [&](std::string_view key) {
        for (std::size_t i = 0; i < N; ++i) {
            if (names[i] == key) found[i] = member;
        }
    });
}

/// Validates like scan_object, and finds the members with these names, in the order of the names. What is
/// found counts for nothing unless the verdict is ok.
template <std::size_t N>
JsonVerdict scan_for_members(std::string_view text, unsigned depth_max, const std::string_view (&names)[N],
                             std::array<Argument, N>& found) {
    return scan_object(text, depth_max, [&](const JsonMember& member) { keep(member, names, found); });
}

/// The same of JSON that has been validated. What is no object has no members.
template <std::size_t N>
std::array<Argument, N> find_members(std::string_view object, unsigned depth_max,
                                     const std::string_view (&names)[N]) {
    std::array<Argument, N> found;
    scan_for_members(object, depth_max, names, found);
    return found;
}

}  // namespace pipit::codec
