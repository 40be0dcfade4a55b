#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace pipit::push {

/// An IPv4 or IPv6 address, without a zone.
class IpAddress {
 public:
    /// From 4 or 16 bytes in network order, as a socket address has them. No other number of bytes is
    /// allowed.
    static IpAddress from_bytes(base::ByteSpan bytes);

    /// Four decimal numbers without leading zeros (RFC 3986 section 3.2.2, IPv4address), or the text of an
    /// IPv6 address without brackets (RFC 4291 section 2.2); nothing for any other spelling, among them the
    /// octal, hexadecimal and short forms that some resolvers take for IPv4.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v4() const { return length_ == 4; }
    base::ByteSpan bytes() const { return {bytes_.data(), length_}; }

    friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
    std::array<std::uint8_t, 16> bytes_{};
    std::size_t length_ = 4;
};

}  // namespace pipit::push
