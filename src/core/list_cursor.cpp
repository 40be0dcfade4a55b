#include "core/list_cursor.hpp"

#include <algorithm>

#include "base/base64url.hpp"

namespace pipit::core {
namespace {

constexpr std::size_t kNumberBytes = 6;  // neither users nor moments come near 2^48

void append_number(std::string& text, std::uint64_t number) {
    for (std::size_t i = kNumberBytes; i-- > 0;)
        text += static_cast<char>(number >> 8 * i & 0xff);
}

/// Takes what stands at the beginning.
std::uint64_t take_number(std::string_view& text) {
    std::uint64_t number = 0;
    for (const char byte : text.substr(0, kNumberBytes))
        number = number << 8 | static_cast<unsigned char>(byte);
    text.remove_prefix(kNumberBytes);
    return number;
}

}  // namespace

std::string ListCursors::of(std::string_view fingerprint, const GroupPlace& place) const {
    std::string text;
    append_number(text, place.users);
    const std::size_t moments = place.as_of.size() <= kMomentsMax ? place.as_of.size() : 0;
    text += static_cast<char>(moments);
    for (std::size_t i = 0; i < moments; ++i)
        append_number(text, place.as_of[i]);
    return base::base64url_encode(base::as_bytes(seal_.close(fingerprint, text + place.name)));
}

std::string ListCursors::of(std::string_view fingerprint, const MemberPlace& place) const {
    std::string text(base::as_text(place.cid.bytes));
    return base::base64url_encode(base::as_bytes(seal_.close(fingerprint, text.append(place.user))));
}

std::optional<GroupPlace> ListCursors::group(std::string_view fingerprint, std::string_view cursor) const {
    const auto opened = open(fingerprint, cursor);
    if (!opened) return std::nullopt;
    std::string_view text = *opened;
    // Sealed by us, but perhaps by another version.
    if (text.size() < kNumberBytes + 1) return std::nullopt;
    GroupPlace place;
    place.users = take_number(text);
    const std::size_t moments = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    if (text.size() < moments * kNumberBytes) return std::nullopt;
    place.as_of.resize(moments);
    for (std::uint64_t& moment : place.as_of)
        moment = take_number(text);
    place.name = text;
    return place;
}

std::optional<MemberPlace> ListCursors::member(std::string_view fingerprint, std::string_view cursor) const {
    const auto text = open(fingerprint, cursor);
    MemberPlace place;
    if (!text || text->size() < place.cid.bytes.size()) return std::nullopt;
    std::copy_n(base::as_bytes(*text).begin(), place.cid.bytes.size(), place.cid.bytes.begin());
    place.user = text->substr(place.cid.bytes.size());
    return place;
}

std::optional<std::string> ListCursors::open(std::string_view fingerprint, std::string_view cursor) const {
    const auto sealed = base::base64url_decode(cursor);
    if (!sealed) return std::nullopt;
    return seal_.open(fingerprint, *sealed);
}

}  // namespace pipit::core
