#include "core/list_cursor.hpp"

#include <algorithm>

#include "base/base64url.hpp"

namespace pipit::core {
namespace {
constexpr std::size_t kUsersBytes = 8;
}

std::string ListCursors::of(std::string_view fingerprint, const GroupKey& place) const {
    std::string text;
    for (std::size_t i = kUsersBytes; i-- > 0;)
        text += static_cast<char>(place.users >> 8 * i & 0xff);
    return base::base64url_encode(base::as_bytes(seal_.close(fingerprint, text + place.name)));
}

std::string ListCursors::of(std::string_view fingerprint, const MemberPlace& place) const {
    std::string text(base::as_text(place.cid.bytes));
    return base::base64url_encode(base::as_bytes(seal_.close(fingerprint, text.append(place.user))));
}

std::optional<GroupKey> ListCursors::group(std::string_view fingerprint, std::string_view cursor) const {
    const auto text = open(fingerprint, cursor);
    if (!text || text->size() < kUsersBytes) return std::nullopt;
    GroupKey place;
    for (std::size_t i = 0; i < kUsersBytes; ++i)
        place.users = place.users << 8 | static_cast<unsigned char>((*text)[i]);
    place.name = text->substr(kUsersBytes);
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
