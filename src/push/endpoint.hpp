#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "push/ip_address.hpp"

namespace pipit::push {

/// The URL by which a push service takes messages for one subscription (RFC 8030 section 5): https, a host,
/// perhaps a port, a path, perhaps a query. Whoever knows it can write to the subscriber, so it is not for
/// logs; origin() is.
class Endpoint {
 public:
    static constexpr std::size_t kCharactersMax = 2'048;

    /// Stricter than RFC 3986, so that no two readers can see different hosts in it: `https://` as it is
    /// here, no user information, no fragment, only characters that a URL may have unescaped, whole percent
    /// escapes, a host that is_domain_name() or IpAddress::parse() has, and a port of 1 to 65535 without
    /// leading zeros. Letters of the host may be capitals. The failure begins with the word "must".
    static base::Result<Endpoint> parse(std::string_view url);

    /// As it came.
    const std::string& url() const { return url_; }
    /// In lower case, an IPv6 address without brackets.
    const std::string& host() const { return host_; }
    std::uint16_t port() const { return port_; }
    /// When the host is an address and not a name.
    const std::optional<IpAddress>& address() const { return address_; }

    /// `https://HOST`, and `:PORT` unless it is 443 (RFC 6454 section 6.2): what a VAPID token is for.
    std::string origin() const;

 private:
    Endpoint() = default;

    std::string url_;
    std::string host_;
    std::uint16_t port_ = 443;
    std::optional<IpAddress> address_;
};

}  // namespace pipit::push
