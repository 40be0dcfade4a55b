#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/seal.hpp"
#include "core/group_query.hpp"
#include "core/member_query.hpp"

namespace pipit::core {

/// The places in lists that clients keep for us between two pages. Nobody else can read or make them, and
/// each is good for the question only that it was given for (`fingerprint`). They depend on nothing but the
/// key, so they outlive the process.
class ListCursors {
 public:
    /// A place with more moments is written without them; with as many and a name of 1,024 bytes, a cursor
    /// stays below 2,048 characters.
    static constexpr std::size_t kMomentsMax = 64;

    explicit ListCursors(auth::Seal seal) : seal_(std::move(seal)) {}

    std::string of(std::string_view fingerprint, const GroupPlace& place) const;
    std::string of(std::string_view fingerprint, const MemberPlace& place) const;

    /// Nothing for what is no cursor of that question.
    std::optional<GroupPlace> group(std::string_view fingerprint, std::string_view cursor) const;
    std::optional<MemberPlace> member(std::string_view fingerprint, std::string_view cursor) const;

 private:
    std::optional<std::string> open(std::string_view fingerprint, std::string_view cursor) const;

    auth::Seal seal_;
};

}  // namespace pipit::core
