#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pipit::soak {

/// One connection of one client, from 1, in the order of their opening; never used again.
using Serial = std::uint32_t;

/// Whom a post is for.
struct Target {
    enum class Kind : std::uint8_t { group, user, cid };
    Kind kind = Kind::group;
    std::string name;

    bool operator==(const Target&) const = default;
};

/// A post, as its `data` tells it: which one of which connection this is and where it belongs, so that
/// whoever receives it can judge it alone.
struct Posting {
    Serial from = 0;
    std::uint32_t number = 0;  ///< of all posts of the connection, from 1
    Target to;

    bool operator==(const Posting&) const = default;
};

/// The `data` of the post: JSON of 50 bytes to 3 KiB, the length and every byte of it decided by the posting.
std::string data_of(const Posting& posting);

/// The posting whose data_of() is exactly `data`.
std::optional<Posting> posting_in(std::string_view data);

/// {"group":"…"}, {"user":"…"} or {"cid":"…"}: the `to` of a post.
std::string recipient_of(const Target& target);

/// For a person: "post 3 of #12 to group a".
std::string describe(const Posting& posting);

}  // namespace pipit::soak
