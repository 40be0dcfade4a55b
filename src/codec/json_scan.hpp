#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace pipit::codec {

// Payloads are forwarded as they came, so they must be validated to the last byte; and lone surrogate
// escapes, which are valid JSON and which browsers send, must survive. Hence a validator that slices and
// decodes nothing.

enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };

/// Both slices are as written in the scanned text and live as long as it.
struct JsonMember {
    std::string_view key;  ///< between the quotes, escapes unresolved; empty in an array
    JsonKind kind = JsonKind::null;
    std::string_view value;  ///< the whole value; a string with its quotes

    /// kind == string: what is between the quotes, for unescape_json_string.
    std::string_view string_content() const { return value.substr(1, value.size() - 2); }
};

struct JsonVerdict {
    enum class Outcome : std::uint8_t { ok, malformed, too_deep, another_kind };
    Outcome outcome = Outcome::ok;
    std::size_t position = 0;      ///< not ok: byte offset of the first byte that cannot stand where it does
    const char* reason = nullptr;  ///< not ok: what is wrong, for a person; static

    explicit operator bool() const { return outcome == Outcome::ok; }
};

/// The largest `depth_max` that may be asked for; the scan uses the stack.
inline constexpr unsigned kJsonDepthLimit = 512;

/// Validates `text`, which must be UTF-8, as one JSON value (RFC 8259). Objects and arrays nested more than
/// `depth_max` deep are refused, the outermost counts as 1.
JsonVerdict validate_json(std::string_view text, unsigned depth_max);

namespace detail {
using OnJsonMember = void (*)(void* context, const JsonMember& member);
JsonVerdict scan_members(char opens, std::string_view text, unsigned depth_max, OnJsonMember on_member,
                         void* context);

template <class OnMember>
JsonVerdict scan_members(char opens, std::string_view text, unsigned depth_max, OnMember& on_member) {
    return scan_members(
        opens, text, depth_max,
        [](void* context, const JsonMember& member) { (*static_cast<OnMember*>(context))(member); },
        const_cast<void*>(static_cast<const void*>(&on_member)));
}
}  // namespace detail

/// Validates like validate_json, and that the value is an object; calls `on_member(const JsonMember&)` for
/// each of its own members in order, repeated keys included. A fault may show only after members were
/// reported: they count for nothing unless the verdict is ok. Allocates nothing.
template <class OnMember>
JsonVerdict scan_object(std::string_view text, unsigned depth_max, OnMember&& on_member) {
    return detail::scan_members('{', text, depth_max, on_member);
}

/// The same for an array and its elements.
template <class OnMember>
JsonVerdict scan_array(std::string_view text, unsigned depth_max, OnMember&& on_member) {
    return detail::scan_members('[', text, depth_max, on_member);
}

/// The text that the inside of a JSON string stands for; nothing if it has a lone surrogate, which no UTF-8
/// can express, or a malformed escape.
std::optional<std::string> unescape_json_string(std::string_view content);

/// Appends `utf8` as a JSON string with its quotes. Only quotes, backslashes and control characters are
/// escaped.
void append_json_string(std::string& out, std::string_view utf8);

/// The value of an integer in plain digits, 0 to 2^53 - 1 (what JavaScript holds exactly); nothing for any
/// other spelling, also `1.0`, `1e3` and `01`.
std::optional<std::uint64_t> parse_json_uint53(std::string_view number);

}  // namespace pipit::codec
